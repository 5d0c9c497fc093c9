import { join } from 'node:path'
import {
  closeAsKilled,
  type FlipPlace,
  runChild,
  StoreImage,
  storeFiles,
} from '@datagram/fault-harness'
import { openStore } from '../../src/index.ts'
import { connectedMuxers } from '../temporary-store.ts'
import { type PayloadNumbers, payloadOf } from './payloads.ts'

/** A store that a test damages, and what is right about it. */
export interface DamagedStore {
  readonly folder: string
  readonly logs: readonly {
    readonly own: boolean
    readonly name: string
    /** Public key, hexadecimal. */
    readonly key: string
    readonly blocks: readonly PayloadNumbers[]
  }[]
}

export type Damage =
  /** The store as it is: the control that shows the next outcome to be its damage's own. */
  | { readonly how: 'none' }
  | { readonly how: 'flip'; readonly place: FlipPlace }
  /** Cut to so many bytes. */
  | { readonly how: 'truncate'; readonly path: string; readonly bytes: number }
  | { readonly how: 'delete'; readonly path: string }

export type DamageOutcome =
  /** Everything was there, byte for byte. */
  | { readonly right: true }
  /** Something was not, and it was said with these codes. */
  | { readonly codes: readonly string[] }
  /** It must not come to this. */
  | { readonly wrong: string }

const reader = new URL('./children/reader.ts', import.meta.url)
const SILENCE_MS_MAX = 15_000
// What a child is told lies in its environment, where 128 KiB are the limit.
const DAMAGES_A_CHILD = 200

/**
 * Writes a store with every kind of file in it: logs in tables, in blobs and in the write-ahead log,
 * two own ones and a replica. The store is left as by a kill.
 */
export async function writeDamagedStore(folder: string): Promise<DamagedStore> {
  const store = await openStore(join(folder, 'store'))
  const other = await openStore(join(folder, 'other'))
  const plain = { cipherKey: null }
  const small = await store.open('small', plain)
  const large = await store.open('large', plain)
  const foreign = await other.open('foreign', plain)
  const replica = await store.openRemote(foreign.key, plain)
  const written = new Map([small, large, foreign].map((log) => [log, [] as PayloadNumbers[]]))
  let number = 0
  const append = async (log: typeof small, count: number, bytes: number) => {
    const batch = Array.from({ length: count }, (_, part) => ({ number, part, count, bytes }))
    number++
    await log.append(batch.map((numbers) => ({ payload: payloadOf(numbers) })))
    written.get(log)?.push(...batch)
  }
  const muxers = connectedMuxers()
  foreign.attach(muxers.left)
  replica.attach(muxers.right)
  // Before and after a compaction: in tables and blobs, and in the write-ahead log.
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 8; i++) await append(small, (i % 3) + 1, 200)
    for (let i = 0; i < 3; i++) await append(large, 1, 6000 + round)
    for (let i = 0; i < 4; i++) await append(foreign, 2, 300)
    while (replica.length < foreign.length) {
      await replica.update()
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    await replica.download()
    if (round === 0) await store.compact()
  }
  const logs = [small, large, foreign].map((log) => ({
    own: log !== foreign,
    name: log === small ? 'small' : log === large ? 'large' : 'foreign',
    key: Buffer.from(log.key).toString('hex'),
    blocks: written.get(log) as PayloadNumbers[],
  }))
  await store.sync()
  await closeAsKilled(store.folder, () => store.close())
  await other.close()
  return { folder: store.folder, logs }
}

/** Whether every kind of file that matters is in the store, and not empty. */
export async function kindsOf(folder: string): Promise<string[]> {
  const files = await storeFiles(folder)
  return [...new Set(files.filter(({ bytes }) => bytes > 0).map(({ kind }) => kind))].sort()
}

/**
 * Inflicts each damage on the store as it was and reads all of it, in child processes: a crash or a
 * hang is an outcome like any other, and the next damage gets a new process.
 */
export async function readDamaged(
  store: DamagedStore,
  damages: readonly Damage[],
): Promise<DamageOutcome[]> {
  const image = await StoreImage.take(store.folder)
  const outcomes: DamageOutcome[] = []
  while (outcomes.length < damages.length) {
    const some = damages.slice(outcomes.length, outcomes.length + DAMAGES_A_CHILD)
    const wanted = outcomes.length + some.length
    const { acknowledged, output, signal, exitCode, timedOut } = await runChild(reader, {
      options: { ...store, damages: some },
      silenceMs: SILENCE_MS_MAX,
      timeoutMs: 150_000,
    })
    outcomes.push(...acknowledged.filter((one): one is DamageOutcome => !isBegin(one)))
    if (outcomes.length === wanted) continue
    const how = timedOut ? 'hung' : `died (${signal ?? exitCode})`
    outcomes.push({ wrong: `the process ${how}: ${output}` })
    await image.restore()
  }
  return outcomes
}

function isBegin(one: unknown): boolean {
  return typeof one === 'object' && one !== null && 'begun' in one
}
