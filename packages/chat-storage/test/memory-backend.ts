import type { BackendChange, ChatBackend } from '../src/index.ts'

/** A backend in memory that counts what is asked of it, and fails when it is told to. */
export class MemoryBackend implements ChatBackend {
  readonly appends: boolean
  readonly stored = new Map<string, Uint8Array>()
  /** Containers read. */
  gets = 0
  /** Bytes of containers and pieces written. */
  written = 0
  /** Changes made. */
  commits = 0
  failing: Error | undefined
  #failingAt = Infinity

  constructor({ appends = true }: { readonly appends?: boolean } = {}) {
    this.appends = appends
  }

  /** Lets so many changes less one succeed, and then none until `failing` is undefined again. */
  failAfter(changes: number): void {
    this.#failingAt = this.commits + changes - 1
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    this.gets++
    const value = this.stored.get(key)
    return value && new Uint8Array(value)
  }

  async putMany(changes: readonly BackendChange[]): Promise<void> {
    if (this.commits >= this.#failingAt) this.failing = new Error('the backend is gone')
    this.#failingAt = this.failing === undefined ? this.#failingAt : Infinity
    if (this.failing !== undefined) throw this.failing
    this.commits++
    for (const change of changes) {
      if (change.type === 'delete') {
        this.stored.delete(change.key)
        continue
      }
      const before = change.type === 'append' ? this.stored.get(change.key) : undefined
      this.stored.set(change.key, Buffer.concat([before ?? new Uint8Array(0), change.value]))
      this.written += change.value.byteLength
    }
  }

  async *list(): AsyncGenerator<string, void, undefined> {
    yield* this.stored.keys()
  }
}
