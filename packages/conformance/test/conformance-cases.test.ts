import type { InterfaceStream } from '@datagram/stream'
import { describe, expect, it } from 'vitest'
import { conformanceCases, type Subject, withKnownGaps } from '../src/index.ts'
import { keyOf, type PlainStore, plainStore, subjectOf } from './plain-store.ts'

/** The cases that fail, among all or those of `keys`. */
async function failingKeys<Api extends object>(
  subject: Subject<Api>,
  keys?: readonly string[],
): Promise<string[]> {
  const failing: string[] = []
  for (const { key, run } of conformanceCases(subject)) {
    if (keys === undefined || keys.includes(key)) await run().catch(() => failing.push(key))
  }
  return failing
}

const everywhere = new Map<string, Uint8Array>()

/** Implementations with one fault each, and the cases that must find it. */
const broken: readonly {
  readonly fault: string
  readonly found: readonly string[]
  readonly vary: (store: PlainStore, stream: InterfaceStream) => PlainStore
}[] = [
  {
    fault: 'keeps everything in memory',
    found: ['reopen-keeps', 'values-any', 'replica-reads', 'replica-refuses'],
    vary: () => memoryStore(new Map()),
  },
  {
    fault: 'shares one memory among all streams',
    found: ['isolation-streams', 'isolation-interfaces'],
    vary: () => memoryStore(everywhere),
  },
  {
    fault: 'takes an empty value for none',
    found: ['values-any'],
    vary: (store) => ({
      ...store,
      get: async (name) => {
        const value = await store.get(name)
        return value?.byteLength ? value : undefined
      },
    }),
  },
  {
    fault: 'stores text, not bytes',
    found: ['values-any'],
    vary: (store) => ({
      ...store,
      set: async (name, value) => store.set(name, keyOf(new TextDecoder().decode(value))),
    }),
  },
  {
    fault: 'looks at the first three letters of a name',
    found: ['names-any', 'concurrency-all'],
    vary: (store) => ({
      ...store,
      set: async (name, value) => store.set(name.slice(0, 3), value),
      get: async (name) => store.get(name.slice(0, 3)),
    }),
  },
  {
    fault: 'takes a name for the beginning of another',
    found: ['remove-stays', 'names-any'],
    vary: (store, stream) => ({
      ...store,
      get: async (name) => {
        const end = keyOf(`${name}\u{10ffff}`)
        for await (const [, value] of stream.index.range({ gte: keyOf(name), lt: end })) {
          return value
        }
        return undefined
      },
    }),
  },
  {
    fault: 'stores a batch one by one',
    found: ['atomic-batch-broken', 'atomic-batch-whole'],
    vary: (store) => ({
      ...store,
      setAll: async (entries) => {
        for (const [name, value] of entries) await store.set(name, value)
      },
    }),
  },
  {
    fault: 'swallows what a write throws',
    found: ['atomic-refused', 'replica-refuses'],
    vary: (store) => ({
      ...store,
      set: async (name, value) => store.set(name, value).catch(() => undefined),
    }),
  },
  {
    fault: 'deletes before it stores, in a write of its own',
    found: ['atomic-refused'],
    vary: (store) => ({
      ...store,
      set: async (name, value) => {
        const deleting = store.del(name)
        const storing = store.set(name, value)
        await Promise.all([deleting, storing])
      },
    }),
  },
  {
    fault: 'begins its writes too late to join another',
    found: ['atomic-joined', 'aliasing-passed'],
    vary: (store) => ({
      ...store,
      set: async (name, value) => {
        await Promise.resolve()
        return store.set(name, value)
      },
    }),
  },
  {
    fault: 'returns the same bytes to everybody',
    found: ['aliasing-returned'],
    vary: (store) => {
      const cache = new Map<string, Uint8Array | undefined>()
      return {
        ...store,
        set: async (name, value) => {
          cache.delete(name)
          return store.set(name, value)
        },
        get: async (name) => {
          if (!cache.has(name)) cache.set(name, await store.get(name))
          return cache.get(name)
        },
      }
    },
  },
  {
    fault: 'carries writes out in any order',
    found: ['concurrency-order'],
    vary: (store) => {
      let calls = 0
      return {
        ...store,
        set: async (name, value) => {
          const copy = new Uint8Array(value)
          const turns = calls++ % 3 === 1 ? 200 : 0
          for (let i = 0; i < turns; i++) await Promise.resolve()
          return store.set(name, copy)
        },
      }
    },
  },
  {
    fault: 'reads from a snapshot of when it was opened',
    found: ['lifecycle-open', 'concurrency-reads'],
    vary: (store, stream) => {
      const snapshot = stream.snapshot()
      return { ...store, get: async (name) => snapshot.get(keyOf(name)) }
    },
  },
  {
    fault: 'acknowledges before it has stored',
    found: ['lifecycle-open', 'concurrency-all'],
    vary: (store) => ({
      ...store,
      set: async (name, value) => {
        store.set(name, value).catch(() => undefined)
      },
    }),
  },
]

describe('the kit', () => {
  it('passes an implementation without a fault', async () => {
    expect(await failingKeys(subjectOf())).toEqual([])
  })

  it.each(broken)('finds one that $fault', async ({ found, vary }) => {
    expect((await failingKeys(subjectOf(vary), found)).sort()).toEqual([...found].sort())
  })

  it('finds a host that goes on answering after close', async () => {
    const subject = subjectOf()
    const answering: Subject<PlainStore> = {
      ...subject,
      open: async (place) => {
        const opened = await subject.open(place)
        if (place.definition !== undefined) return opened
        const cache = new Map<string, Uint8Array>()
        return { close: opened.close, api: cachingStore(opened.api, cache) }
      },
    }
    const found = ['lifecycle-closing', 'lifecycle-closed', 'lifecycle-iterator']
    expect(await failingKeys(answering, found)).toEqual(found)
  })

  it('finds a host whose failed open keeps the store', async () => {
    const subject = subjectOf()
    const leaking: Subject<PlainStore> = {
      ...subject,
      open: async (place) => {
        const opened = await subject.open({ ...place, definition: undefined })
        if (place.definition === undefined) return opened
        throw new Error('failed on purpose')
      },
    }
    const found = ['lifecycle-opening-failed']
    expect(await failingKeys(leaking, found)).toEqual(found)
  })

  it('leaves out the cases of actions that there are not', () => {
    const subject = subjectOf()
    const { store, load } = subject.actions
    const keys = conformanceCases({ ...subject, actions: { store, load } }).map(({ key }) => key)
    expect(keys).not.toContain('remove-stays')
    expect(keys).not.toContain('atomic-batch-whole')
    expect(keys).not.toContain('lifecycle-iterator')
    expect(keys).toContain('reopen-keeps')
  })

  it('has a key of its own for each case', () => {
    const keys = conformanceCases(subjectOf()).map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
  })
})

describe('known gaps', () => {
  const passing = { key: 'a', name: 'passes', run: async () => undefined }
  const failing = {
    key: 'b',
    name: 'fails',
    run: async () => {
      throw new Error('not yet')
    },
  }

  it('pass while they fail, and fail once they are closed', async () => {
    const [open] = withKnownGaps([failing], { b: 'issue 9' })
    await expect(open?.run()).resolves.toBeUndefined()
    expect(open?.name).toContain('issue 9')
    const [closed] = withKnownGaps([passing], { a: 'issue 9' })
    await expect(closed?.run()).rejects.toThrow(/take it off the list/)
  })

  it('must name a case', () => {
    expect(() => withKnownGaps([passing], { c: 'issue 9' })).toThrow(TypeError)
    expect(() => conformanceCases({ ...subjectOf(), gaps: { never: 'x' } })).toThrow(TypeError)
  })
})

function memoryStore(values: Map<string, Uint8Array>): PlainStore {
  return {
    set: async (name, value) => values.set(name, new Uint8Array(value)),
    get: async (name) => {
      const value = values.get(name)
      return value && new Uint8Array(value)
    },
    del: async (name) => values.delete(name),
    list: async () => [...values.keys()],
    setAll: async (entries) => {
      for (const [name, value] of entries) values.set(name, new Uint8Array(value))
    },
    names: () => keysOf(values),
  }
}

async function* keysOf(values: Map<string, Uint8Array>) {
  yield* values.keys()
}

// Answers from memory what it once knew, whether its store is open or not.
function cachingStore(store: PlainStore, cache: Map<string, Uint8Array>): PlainStore {
  return {
    ...plainStore({} as InterfaceStream),
    set: async (name, value) => {
      cache.set(name, new Uint8Array(value))
      return store.set(name, value)
    },
    get: async (name) => cache.get(name) ?? store.get(name).catch(() => undefined),
    del: (name) => store.del(name),
    list: async () => [...cache.keys()],
    setAll: (entries) => store.setAll(entries),
    names: () => keysOf(cache),
  }
}
