import { type Random, seededRun } from '@datagram/fault-harness'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import type { Objects, StoredObject } from '../src/index.ts'
import { listed, temporaryObjects } from './temporary-objects.ts'

const IDS = ['a', 'b', 'c', 'd']

/** All versions there are, and what follows from them, written down as plainly as can be. */
function expectedOf(versions: readonly StoredObject[]) {
  const order = (a: StoredObject, b: StoredObject) =>
    b.timeVersion - a.timeVersion || (a.namedHash < b.namedHash ? 1 : -1)
  const of = (id: string) => versions.filter(({ objectId }) => objectId === id).sort(order)
  const heads = (id: string) =>
    of(id).filter(
      ({ previous, namedHash }) =>
        previous !== undefined && !of(id).some((other) => other.previous?.includes(namedHash)),
    )
  const names = (some: readonly StoredObject[]) => some.map(({ namedHash }) => namedHash)
  return {
    versions: IDS.map((id) => names(of(id))),
    current: IDS.map((id) => of(id)[0]?.namedHash),
    conflicts: IDS.map((id) => names(heads(id)).join())
      .filter((each) => each.includes(','))
      .sort(),
  }
}

async function shownBy(objects: Objects) {
  const hashes = async (id: string) =>
    (await listed(objects.versions(id))).map(({ namedHash }) => namedHash)
  const conflicts = await listed(objects.conflicts())
  return {
    versions: await Promise.all(IDS.map(hashes)),
    current: await Promise.all(IDS.map(async (id) => (await objects.current(id))?.namedHash)),
    conflicts: conflicts
      .map(({ versions }) => versions.map(({ namedHash }) => namedHash).join())
      .sort(),
  }
}

async function randomCommit(random: Random, objects: Objects, n: number): Promise<StoredObject> {
  const objectId = random.pick(IDS)
  const seen = await listed(objects.versions(objectId))
  if (random.chance(0.2)) {
    // Of elsewhere, with a time that others may have too.
    const timeVersion = random.between(1, 5)
    const some = random.chance() ? {} : { previous: seen.slice(0, 1).map((one) => one.namedHash) }
    const foreign = { objectId, mutationId: `m${n}`, timeVersion, type: 'note', ...some }
    return objects.importObject(b4a.from(JSON.stringify(foreign)))
  }
  const some = seen.filter(() => random.chance(0.4)).map(({ namedHash }) => namedHash)
  const previous = random.chance() ? undefined : some
  return objects.commit({ objectId, type: 'note', n, previous })
}

describe('three stores', () => {
  it('show the same, whatever they committed and in whatever order they pulled', () =>
    seededRun(async (random) => {
      const stores = await Promise.all([1, 2, 3].map(() => temporaryObjects()))
      const made: StoredObject[] = []
      for (let n = 0; n < 120; n++) {
        const objects = random.pick(stores)
        if (random.chance(0.75)) made.push(await randomCommit(random, objects, n))
        else {
          const from = random.pick(stores)
          await objects.pull(from)
        }
      }
      // Each pulls from each, in any order, until that brings nothing any more.
      for (let brought = 1; brought > 0; ) {
        brought = 0
        const pairs = stores.flatMap((to) => stores.map((from) => ({ to, from })))
        while (pairs.length > 0) {
          const [pair] = pairs.splice(random.between(0, pairs.length), 1)
          if (pair !== undefined) brought += (await pair.to.pull(pair.from)).objects
        }
      }
      const expected = expectedOf(made)
      for (const objects of stores) {
        expect(await shownBy(objects)).toEqual(expected)
        await objects.rebuild()
        expect(await shownBy(objects)).toEqual(expected)
      }
    }))
})
