import { describe, expect, it } from 'vitest'
import { backendCases, type ChatBackend } from '../src/index.ts'
import { MemoryBackend } from './memory-backend.ts'
import { places } from './places.ts'

const subjects = { memory: async () => memoryPlace(new MemoryBackend()), ...places }

function memoryPlace(backend: ChatBackend) {
  return { open: () => backend, [Symbol.asyncDispose]: async () => undefined }
}

describe.each(Object.entries(subjects))('the backend %s', (_, createPlace) => {
  it.each(backendCases({ create: async () => (await createPlace()).open }))('$name', ({ run }) =>
    run(),
  )
})

/** Backends that do one thing wrong, and the case that finds it. */
const broken: readonly (readonly [string, new () => ChatBackend])[] = [
  [
    'put-and-delete',
    class extends MemoryBackend {
      override putMany(changes: Parameters<ChatBackend['putMany']>[0]) {
        return super.putMany(changes.filter(({ type }) => type !== 'delete'))
      }
    },
  ],
  [
    'append',
    class extends MemoryBackend {
      override async putMany(changes: Parameters<ChatBackend['putMany']>[0]) {
        await super.putMany(
          changes.map((one) => (one.type === 'append' ? { ...one, type: 'put' } : one)),
        )
      }
    },
  ],
  [
    'replace',
    class extends MemoryBackend {
      override get(key: string) {
        return super.get(
          [...this.stored.keys()].find((one) => one.startsWith(key.slice(0, 40))) ?? key,
        )
      }
    },
  ],
  [
    'owned',
    class extends MemoryBackend {
      override async get(key: string) {
        return this.stored.get(key)
      }
    },
  ],
]

describe('the cases find what is wrong', () => {
  it.each(broken)('%s', async (key, Broken) => {
    const failed: string[] = []
    for (const one of backendCases({ create: async () => memoryPlace(new Broken()).open })) {
      await one.run().catch(() => failed.push(one.key))
    }
    expect(failed).toContain(key)
  })
})
