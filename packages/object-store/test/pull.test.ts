import { randomBytes } from 'node:crypto'
import { Random } from '@datagram/fault-harness'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import type { Objects, ObjectSource, PullProgress } from '../src/index.ts'
import { idOfContent, namedHashOf } from '../src/named-hash.ts'
import { code, listed, temporaryObjects } from './temporary-objects.ts'

const nameOf = (content: Uint8Array) => namedHashOf(idOfContent(content))
const namesOf = async (objects: ObjectSource) =>
  (await listed(objects.contents())).map(({ kind, namedHash }) => `${kind} ${namedHash}`).sort()

async function filled(objects: Objects, blobs: readonly Uint8Array[]): Promise<void> {
  for (const blob of blobs) {
    await objects.commit({ type: 'file', data: await objects.putBlob(blob) })
  }
}

describe('a pull', () => {
  it('brings what is missing, tells how far it is, and does so once', async () => {
    const [mine, theirs] = [await temporaryObjects(), await temporaryObjects()]
    const common = randomBytes(2000)
    await filled(mine, [common, randomBytes(100)])
    await filled(theirs, [common, randomBytes(3_000_000), randomBytes(0)])
    const steps: PullProgress[] = []
    const summary = await mine.pull(theirs, { onProgress: (step) => steps.push(step) })
    expect(summary).toMatchObject({ blobs: 2, objects: 3 })
    expect(steps.at(-1)).toEqual({ total: 5, pulled: 5, bytes: summary.bytes })
    expect(await mine.pull(theirs)).toEqual({ blobs: 0, objects: 0, bytes: 0 })
    await theirs.pull(mine)
    expect(await namesOf(theirs)).toEqual(await namesOf(mine))
  })

  it('takes nothing that is not what its name says, and all else', async () => {
    const mine = await temporaryObjects()
    const good = randomBytes(500)
    const object = b4a.from(JSON.stringify({ objectId: 'a', type: 't' }))
    const bad = [randomBytes(100), randomBytes(3_000_000)]
    const kept = new Map<string, Uint8Array>([
      [nameOf(good), good],
      [nameOf(object), object],
      ...bad.map((content): [string, Uint8Array] => {
        const changed = new Uint8Array(content)
        changed[50] = (changed[50] as number) ^ 1
        return [nameOf(content), changed]
      }),
    ])
    const hostile: ObjectSource = {
      async *contents() {
        yield { namedHash: 'SHA512-00', kind: 'data' }
        yield { namedHash: '../../etc/passwd', kind: 'data' }
        for (const namedHash of kept.keys()) {
          yield { namedHash, kind: namedHash === nameOf(object) ? 'object' : 'data' }
        }
      },
      async *streamBlob(namedHash) {
        yield kept.get(namedHash) ?? new Uint8Array(0)
      },
    }
    const refused = await mine.pull(hostile).catch((error: unknown) => error)
    expect(refused).toMatchObject(code('PULL_INCOMPLETE'))
    const { details } = refused as { details: { refused: string[] } }
    const names = ['SHA512-00', '../../etc/passwd', nameOf(object), ...bad.map(nameOf)]
    expect([...details.refused].sort()).toEqual(names.sort())
    expect(await namesOf(mine)).toEqual([`data ${nameOf(good)}`])
  })

  it('that fails at once for what concerns all says what, and goes on later', async () => {
    const [mine, theirs] = [await temporaryObjects(), await temporaryObjects()]
    await filled(
      theirs,
      Array.from({ length: 200 }, () => randomBytes(300)),
    )
    const broken: ObjectSource = {
      contents: (options) => theirs.contents(options),
      async *streamBlob(namedHash, options) {
        if (namedHash.endsWith('7')) throw new Error('the line is dead')
        yield* theirs.streamBlob(namedHash, options)
      },
    }
    await expect(mine.pull(broken)).rejects.toThrow('the line is dead')
    await mine.pull(theirs)
    expect(await namesOf(mine)).toEqual(await namesOf(theirs))
  })
})

describe('two stores of 10,000 objects, half in common', () => {
  it('are equal after pulls that were cut at random, whichever began', {
    timeout: 240_000,
  }, async () => {
    const random = new Random(Date.now())
    const seed = `seed ${random.seed}`
    const [left, right] = [await temporaryObjects(), await temporaryObjects()]
    const object = (n: number) => {
      const [objectId, mutationId] = [`object ${n % 4000}`, `mutation ${n}`]
      return b4a.from(JSON.stringify({ objectId, mutationId, timeVersion: n, type: 'note', n }))
    }
    const fill = async (objects: Objects, from: number, to: number) => {
      for (let at = from; at < to; at += 500) {
        const some = Array.from({ length: Math.min(500, to - at) }, (_, i) => object(at + i))
        await Promise.all(some.map((json) => objects.importObject(json)))
      }
    }
    await Promise.all([fill(left, 0, 10_000), fill(right, 5000, 15_000)])
    const sides = random.chance() ? [left, right] : [right, left]
    let cuts = 0
    for (const [i, to] of sides.entries()) {
      for (let isDone = false; !isDone; ) {
        const stop = new AbortController()
        const until = cuts < 8 ? random.between(1, 2000) : Number.POSITIVE_INFINITY
        const onProgress = ({ pulled }: PullProgress) => {
          if (pulled >= until) stop.abort(new Error('cut'))
        }
        const pulling = to.pull(sides[1 - i] as Objects, { onProgress, signal: stop.signal })
        isDone = await pulling.then(
          () => true,
          (error: Error) => {
            expect(error.message, seed).toBe('cut')
            cuts++
            return false
          },
        )
      }
    }
    const names = await namesOf(left)
    expect(names, seed).toHaveLength(15_000)
    expect(await namesOf(right), seed).toEqual(names)
    const current = async (objects: Objects) =>
      (await listed(objects.objects())).map(({ namedHash }) => namedHash)
    expect(await current(right), seed).toEqual(await current(left))
    expect((await left.current('object 7'))?.timeVersion, seed).toBe(12_007)
    expect(await listed(left.conflicts()), seed).toEqual([])
  })
})
