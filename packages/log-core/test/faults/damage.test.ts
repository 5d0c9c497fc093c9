import { basename } from 'node:path'
import { flipPlaces, seededRun, storeFiles, temporaryFolder } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import {
  type Damage,
  type DamageOutcome,
  type DamagedStore,
  kindsOf,
  readDamaged,
  writeDamagedStore,
} from './damaged-store.ts'

const FLIPS = 220
/** What may be said of a damaged store. */
const CODES = new Set([
  'BLOCK_DAMAGED',
  'BLOCK_UNAVAILABLE',
  'KEY_FILE_DAMAGED',
  'KEY_FILE_MISSING',
  'LOG_ROLLED_BACK',
  'STORE_COPIED',
  'STORE_DAMAGED',
  'STORE_VERSION_UNKNOWN',
])
const KINDS = [
  'SESSION_ID',
  'blob',
  'corestore',
  'current',
  'identity',
  'info-log',
  'key',
  'manifest',
  'marks',
  'options',
  'table',
  'wal',
]

describe('one flipped bit anywhere in a store', () => {
  it(`is an error with a code or does no harm, at ${FLIPS} places in every kind of file`, {
    timeout: 180_000,
  }, async () => {
    await seededRun(async (random) => {
      await using folder = await temporaryFolder()
      const store = await writeDamagedStore(folder.path)
      expect(await kindsOf(store.folder)).toEqual(KINDS)
      const places = await flipPlaces(store.folder, { random, count: FLIPS })
      const damages = places.map((place): Damage => ({ how: 'flip', place }))
      const bad = await badOutcomes(store, damages)
      expect(bad).toEqual([])
    })
  })
})

describe('a file of a store', () => {
  it('that is cut short or gone is an error with a code or does no harm', {
    timeout: 180_000,
  }, async () => {
    await seededRun(async (random) => {
      await using folder = await temporaryFolder()
      const store = await writeDamagedStore(folder.path)
      const damages: Damage[] = []
      for (const { path, bytes } of await storeFiles(store.folder)) {
        damages.push({ how: 'delete', path })
        if (bytes === 0) continue
        for (const left of [0, bytes - 1, random.between(0, bytes), random.between(0, bytes)]) {
          damages.push({ how: 'truncate', path, bytes: left })
        }
      }
      expect(await badOutcomes(store, damages)).toEqual([])
    })
  })
})

/** The damages that came to something that must not be. */
async function badOutcomes(
  store: DamagedStore,
  damages: readonly Damage[],
): Promise<{ readonly damage: string; readonly outcome: DamageOutcome }[]> {
  const control: Damage = { how: 'none' }
  const all = damages.flatMap((damage, i) => (i % 10 === 0 ? [control, damage] : [damage]))
  all.push(control)
  const outcomes = await readDamaged(store, all)
  // Were every outcome an error, or none, the damages would not be what they say.
  const seen = new Set(outcomes.map((outcome) => Object.keys(outcome)[0]))
  expect(seen).toContain('right')
  expect(seen).toContain('codes')
  return outcomes
    .map((outcome, i) => ({ damage: all[i] as Damage, outcome }))
    .filter(({ damage, outcome }) => !isAllowed(damage, outcome))
    .map(({ damage, outcome }) => ({ damage: describeDamage(damage), outcome }))
}

function isAllowed(damage: Damage, outcome: DamageOutcome): boolean {
  if ('right' in outcome) return true
  if ('wrong' in outcome || damage.how === 'none') return false
  return outcome.codes.every((code) => CODES.has(code))
}

function describeDamage(damage: Damage): string {
  if (damage.how === 'none') return 'none'
  if (damage.how === 'delete') return `delete ${basename(damage.path)}`
  if (damage.how === 'truncate') return `truncate ${basename(damage.path)} to ${damage.bytes}`
  const { file, offset, mask } = damage.place
  return `flip ${file.name} at ${offset} of ${file.bytes} with ${mask}`
}
