import type { Change, InterfaceStream } from '@datagram/stream'
import b4a from 'b4a'
import type { KvChange, WatchOptions } from './kv.ts'
import { prefixBytes } from './key-range.ts'
import { pastError } from './kv-errors.ts'
import type { KvEncoders } from './kv-reads.ts'
import { decodeVersion, encodeVersion } from './kv-version.ts'

type ChangeResult = IteratorResult<KvChange<unknown, unknown>, undefined>

/** The changes of a map from the call on; see `Kv.watch`. Its `return` also ends a `next` that waits. */
export class KvWatch implements AsyncIterableIterator<KvChange<unknown, unknown>, undefined> {
  readonly #stopped = new AbortController()
  readonly #changes: AsyncGenerator<KvChange<unknown, unknown>, undefined, undefined>

  constructor(
    stream: InterfaceStream,
    encoders: KvEncoders,
    { prefix, from, signal }: WatchOptions<unknown>,
  ) {
    const first = prefix === undefined ? undefined : b4a.from(prefixBytes(prefix, encoders.keys))
    const begin = from === undefined ? stream.moment() : decodeVersion(from)
    const stopped = this.#stopped.signal
    const either = signal === undefined ? stopped : AbortSignal.any([signal, stopped])
    const changes = stream.changes({ from: begin, signal: either })
    this.#changes = kvChanges(changes, encoders, { prefix: first, signal: either })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<ChangeResult> {
    try {
      return await this.#changes.next()
    } catch (error) {
      if (this.#stopped.signal.aborted) return { done: true, value: undefined }
      throw pastError(error)
    }
  }

  async return(): Promise<ChangeResult> {
    this.#stopped.abort()
    await this.#changes.return(undefined)
    return { done: true, value: undefined }
  }
}

async function* kvChanges(
  changes: AsyncIterable<Change>,
  { keys, values }: KvEncoders,
  { prefix, signal }: { readonly prefix: Uint8Array | undefined; readonly signal: AbortSignal },
): AsyncGenerator<KvChange<unknown, unknown>, undefined, undefined> {
  for await (const { operations, moment } of changes) {
    const version = encodeVersion(moment)
    for (const operation of operations) {
      if (operation.type === 'object' || !beginsWith(operation.key, prefix)) continue
      const key = keys.decode(operation.key)
      yield operation.type === 'del'
        ? { type: 'del', key, version }
        : { type: 'set', key, value: values.decode(await operation.read({ signal })), version }
    }
  }
  return undefined
}

function beginsWith(key: Uint8Array, prefix: Uint8Array | undefined): boolean {
  return prefix === undefined || b4a.equals(key.subarray(0, prefix.byteLength), prefix)
}
