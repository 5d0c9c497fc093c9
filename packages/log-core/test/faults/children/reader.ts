// Damages a store, opens it and reads all of it, puts it back as it was; once for each damage it was
// given. Acknowledges what each came to. Dies or hangs only if the code under test makes it.
import { rename } from 'node:fs/promises'
import {
  acknowledge,
  childOptions,
  flipByte,
  StoreImage,
  truncateFile,
} from '@datagram/fault-harness'
import { isDatagramError } from '@datagram/errors'
import { type Log, openStore } from '../../../src/index.ts'
import type { Damage, DamageOutcome, DamagedStore } from '../damaged-store.ts'
import { payloadOf } from '../payloads.ts'

const { folder, logs, damages } = childOptions<DamagedStore & { damages: readonly Damage[] }>()
const aside = `${folder}.aside`
const image = await StoreImage.take(folder)

for (const damage of damages) {
  acknowledge({ begun: damage })
  await inflict(damage)
  acknowledge(await readAll().catch(outcomeOf))
  // The same file comes back, not one like it: a store knows its own by more than the content.
  if (damage.how === 'delete') await rename(aside, damage.path)
  await image.restore()
}
// An engine that a damage kept from closing must not keep this process as well.
process.exit(0)

async function inflict(damage: Damage): Promise<void> {
  if (damage.how === 'none') return
  if (damage.how === 'flip') await flipByte(damage.place)
  else if (damage.how === 'delete') await rename(damage.path, aside)
  else await truncateFile(damage.path, damage.bytes)
}

async function readAll(): Promise<DamageOutcome> {
  const store = await openStore(folder)
  const codes: string[] = []
  try {
    for (const one of logs) {
      const log = await (one.own
        ? store.open(one.name, { cipherKey: null })
        : store.openRemote(Buffer.from(one.key, 'hex'), { cipherKey: null }))
      if (log.problem !== undefined) codes.push(codeOf(log.problem))
      else if (log.length !== one.blocks.length) {
        return { wrong: `${one.name} has ${log.length} blocks, not ${one.blocks.length}` }
      }
      const wrong = await readBlocks(log, one.blocks, codes)
      if (wrong !== undefined) return { wrong: `${one.name}: ${wrong}` }
    }
  } finally {
    await store.close()
  }
  return codes.length === 0 ? { right: true } : { codes: [...new Set(codes)] }
}

async function readBlocks(
  log: Log,
  blocks: DamagedStore['logs'][number]['blocks'],
  codes: string[],
): Promise<string | undefined> {
  for (const [index, numbers] of blocks.entries()) {
    if (index >= log.length) break
    try {
      const payload = await log.get(index, { timeoutMs: 3000 })
      if (Buffer.compare(payload, payloadOf(numbers)) !== 0) return `block ${index} is wrong`
    } catch (error) {
      codes.push(codeOf(error))
    }
  }
  return undefined
}

function codeOf(error: unknown): string {
  if (isDatagramError(error)) return error.code
  throw error
}

function outcomeOf(error: unknown): DamageOutcome {
  if (isDatagramError(error)) return { codes: [error.code] }
  return { wrong: `an error without a code: ${error instanceof Error ? error.stack : error}` }
}
