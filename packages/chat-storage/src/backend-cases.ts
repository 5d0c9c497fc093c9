import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import b4a from 'b4a'
import type { BackendChange, ChatBackend } from './chat-backend.ts'

/** One thing that every backend does. Any test runner can loop over a list of them. */
export interface BackendCase {
  /** Stable name. */
  readonly key: string
  /** What it shows, in words. */
  readonly name: string
  /** Resolves when it holds; rejects with what is wrong when it does not. */
  readonly run: () => Promise<void>
}

/** A backend as the cases need it. */
export interface BackendSubject {
  /** Makes an empty place, and gives what opens a backend there: again, once the one before is closed. */
  create(): Promise<() => ChatBackend>
}

type Check = (backend: ChatBackend, reopen: () => Promise<ChatBackend>) => Promise<void>

/** What a {@link ChatBackend} has to do, each shown in a place of its own. */
export function backendCases(subject: BackendSubject): readonly BackendCase[] {
  return checks.map(([key, name, check]) => ({ key, name, run: () => checked(subject, check) }))
}

async function checked(subject: BackendSubject, check: Check): Promise<void> {
  const open = await subject.create()
  let backend = open()
  const reopen = async () => {
    await backend.close?.()
    backend = open()
    return backend
  }
  try {
    await check(backend, reopen)
  } finally {
    await backend.close?.()
  }
}

const checks: readonly (readonly [key: string, name: string, check: Check])[] = [
  [
    'absent',
    'what was not stored is not there',
    async (backend) => {
      await expectStored(backend, new Map())
      assert.equal(await backend.get(keyOf('a')), undefined)
    },
  ],
  [
    'put-get',
    'bytes of any size come back as they were',
    async (backend, reopen) => {
      const stored = new Map([0, 1, 255, 70_000, 1_100_000].map((n) => [keyOf(n), bytesOf(n)]))
      for (const [key, value] of stored) await backend.putMany([{ type: 'put', key, value }])
      await expectStored(backend, stored)
      await expectStored(await reopen(), stored)
    },
  ],
  [
    'replace',
    'a later put replaces an earlier one, and nothing else',
    async (backend, reopen) => {
      await backend.putMany([put('a', 10), put('b', 20)])
      await backend.putMany([put('a', 5)])
      const stored = new Map([
        [keyOf('a'), bytesOf(5)],
        [keyOf('b'), bytesOf(20)],
      ])
      await expectStored(backend, stored)
      await expectStored(await reopen(), stored)
    },
  ],
  [
    'put-and-delete',
    'puts and deletes are made together, and deleting what is not there is no error',
    async (backend, reopen) => {
      await backend.putMany([put('a', 10), put('b', 20)])
      await backend.putMany([put('c', 30), away('a'), away('d')])
      await backend.putMany([away('e')])
      const stored = new Map([
        [keyOf('b'), bytesOf(20)],
        [keyOf('c'), bytesOf(30)],
      ])
      await expectStored(backend, stored)
      await expectStored(await reopen(), stored)
    },
  ],
  [
    'append',
    'what is appended follows what is there; a put or a delete begins anew',
    async (backend, reopen) => {
      if (!backend.appends) return
      const append = (name: string, n: number, piece: number): BackendChange => {
        return { type: 'append', key: keyOf(name), value: bytesOf(n), piece }
      }
      await backend.putMany([put('a', 10), put('b', 20), put('c', 1)])
      for (let piece = 1; piece < 300; piece++) await backend.putMany([append('a', piece, piece)])
      await backend.putMany([append('b', 7, 1), append('c', 8, 1)])
      await backend.putMany([put('b', 3), away('c')])
      await backend.putMany([append('b', 9, 1), put('c', 4)])
      const pieces = Array.from({ length: 300 }, (_, piece) => bytesOf(piece || 10))
      const stored = new Map([
        [keyOf('a'), b4a.concat(pieces)],
        [keyOf('b'), b4a.concat([bytesOf(3), bytesOf(9)])],
        [keyOf('c'), bytesOf(4)],
      ])
      await expectStored(backend, stored)
      await expectStored(await reopen(), stored)
    },
  ],
  [
    'owned',
    'bytes that are changed after a call, or that were given out, change nothing stored',
    async (backend) => {
      const value = bytesOf(100)
      await backend.putMany([{ type: 'put', key: keyOf('a'), value }])
      value.fill(0)
      const given = await backend.get(keyOf('a'))
      given?.fill(1)
      await expectStored(backend, new Map([[keyOf('a'), bytesOf(100)]]))
    },
  ],
  [
    'forget',
    'changes that forget what they replace are made like others',
    async (backend, reopen) => {
      await backend.putMany([put('a', 10), put('b', 20), put('c', 30)])
      await backend.putMany([put('a', 11), away('b')], { previous: 'forget' })
      await backend.putMany([put('d', 40)])
      const stored = new Map([
        [keyOf('a'), bytesOf(11)],
        [keyOf('c'), bytesOf(30)],
        [keyOf('d'), bytesOf(40)],
      ])
      await expectStored(backend, stored)
      await expectStored(await reopen(), stored)
    },
  ],
]

async function expectStored(
  backend: ChatBackend,
  expected: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const keys: string[] = []
  for await (const key of backend.list()) keys.push(key)
  assert.deepEqual(keys.sort(), [...expected.keys()].sort(), 'list() gives other keys')
  for (const [key, value] of expected) {
    const stored = await backend.get(key)
    assert.ok(stored instanceof Uint8Array, `${key} is not there`)
    assert.ok(b4a.equals(stored, value), `${key} has other bytes than were stored`)
  }
}

// Keys that differ late: a backend that compares beginnings shows itself.
function keyOf(name: string | number): string {
  const digest = createHash('sha256').update(String(name)).digest('hex')
  return `0x${'a'.repeat(56)}${digest.slice(0, 8)}`
}

function bytesOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 0xff)
}

function put(name: string, length: number): BackendChange {
  return { type: 'put', key: keyOf(name), value: bytesOf(length) }
}

function away(name: string): BackendChange {
  return { type: 'delete', key: keyOf(name) }
}
