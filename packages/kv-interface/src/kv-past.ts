import type {
  Change,
  ChangeOperation,
  InterfaceStream,
  Moment,
  WaitOptions,
} from '@datagram/stream'
import b4a from 'b4a'
import type { HistoryOptions, KvDifference, KvPastValue } from './kv.ts'
import { pastError } from './kv-errors.ts'
import type { KvEncoders } from './kv-reads.ts'
import { encodeVersion } from './kv-version.ts'
import { limitOf } from './limit.ts'

/** What {@link differences} compares. */
export interface Compared extends WaitOptions {
  readonly before: Moment
  readonly after: Moment
}

/** The versions of a key that the data log has; see `Kv.history`. */
export function history(
  stream: InterfaceStream,
  key: unknown,
  { keys, values, ...options }: KvEncoders & HistoryOptions,
): AsyncGenerator<KvPastValue<unknown>, undefined, undefined> {
  const { reverse, signal, timeoutMs } = options
  const wait = { signal, timeoutMs }
  const limit = limitOf(options.limit)
  const bytes = b4a.from(keys.encode(key))
  const changes = stream.past({ reverse, ...wait })
  return pastValues(changes, bytes, { limit, ...wait, decode: (value) => values.decode(value) })
}

async function* pastValues(
  changes: AsyncIterable<Change>,
  key: Uint8Array,
  { limit, decode, ...wait }: PastValuesOptions,
): AsyncGenerator<KvPastValue<unknown>, undefined, undefined> {
  if (limit === 0) return undefined
  let count = 0
  try {
    for await (const { operations, moment, stamp } of changes) {
      // The last one of a transaction: nobody ever saw the others.
      const last = operations.filter((operation) => isOf(operation, key)).at(-1)
      if (last === undefined || last.type === 'object') continue
      const version = encodeVersion(moment)
      yield last.type === 'del'
        ? { type: 'del', version, stamp }
        : { type: 'set', value: decode(await last.read(wait)), version, stamp }
      if (++count >= limit) return undefined
    }
  } catch (error) {
    throw pastError(error)
  }
  return undefined
}

interface PastValuesOptions extends WaitOptions {
  readonly limit: number
  readonly decode: (value: Uint8Array) => unknown
}

function isOf(operation: ChangeOperation, key: Uint8Array): boolean {
  return operation.type !== 'object' && b4a.equals(operation.key, key)
}

/** The keys whose values differ between two moments, in their order; see `Kv.diff`. */
export async function* differences(
  stream: InterfaceStream,
  { keys, values }: KvEncoders,
  { before, after, ...wait }: Compared,
): AsyncGenerator<KvDifference<unknown, unknown>, undefined, undefined> {
  try {
    if (isSameMoment(before, after)) return undefined
    const changed = await changedKeys(stream, { before, after, ...wait })
    // Also where nothing is seen to have changed: a change may have been forgotten, and then these throw.
    const [a, b] = await bothAt(stream, { before, after, ...wait })
    try {
      for (const key of changed) {
        const [old, next] = await Promise.all([a.get(key, wait), b.get(key, wait)])
        if (isSame(old, next)) continue
        const decoded = (value: Uint8Array | undefined) => value && values.decode(value)
        yield { key: keys.decode(key), before: decoded(old), after: decoded(next) }
      }
    } finally {
      a.close()
      b.close()
    }
  } catch (error) {
    throw pastError(error)
  }
  return undefined
}

// Only these can differ. They are held in memory, to be put in order.
async function changedKeys(
  stream: InterfaceStream,
  { before, after, ...wait }: Compared,
): Promise<Uint8Array[]> {
  const found = new Map<string, Uint8Array>()
  const isForward =
    (before.position - after.position || before.transactions - after.transactions) < 0
  const [from, to] = isForward ? [before, after] : [after, before]
  for await (const { operations } of stream.past({ from, to, reverse: true, ...wait })) {
    for (const operation of operations) {
      if (operation.type === 'object') continue
      found.set(b4a.toString(operation.key, 'latin1'), operation.key)
    }
  }
  return [...found.values()].sort((one, other) => b4a.compare(one, other))
}

async function bothAt(stream: InterfaceStream, { before, after, ...wait }: Compared) {
  const a = await stream.checkout(before, wait)
  try {
    return [a, await stream.checkout(after, wait)] as const
  } catch (error) {
    a.close()
    throw error
  }
}

const isSameMoment = (a: Moment, b: Moment) =>
  a.position === b.position && a.transactions === b.transactions

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : b4a.equals(a, b)
}
