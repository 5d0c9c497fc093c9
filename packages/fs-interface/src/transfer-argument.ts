import type { PreviousOptions } from '@datagram/stream'
import {
  encodingArgument,
  integerArgument,
  invalidType,
  outOfRange,
  previousArgument,
} from './argument.ts'
import type { Position } from './open-file.ts'

// What `read` makes when it is given no buffer.
const READ_BYTES = 16 * 1024

/** What is read, and where to. */
export interface ReadTransfer {
  /** As the caller gave it. */
  readonly buffer: ArrayBufferView
  /** The part of it that is filled. */
  readonly target: Uint8Array
  readonly position: Position
}

/** What is written, and what becomes of what it replaces. */
export interface WriteTransfer extends PreviousOptions {
  /** As the caller gave it. */
  readonly buffer: ArrayBufferView | string
  readonly bytes: Uint8Array
  readonly position: Position
}

interface TransferOptions {
  readonly buffer?: ArrayBufferView | undefined
  readonly offset?: number | null | undefined
  readonly length?: number | null | undefined
  readonly position?: number | bigint | null | undefined
}

/** The arguments of `read`: `(buffer, offset, length, position)`, `(buffer, options)`, `(options)` or none. */
export function readTransfer(args: readonly unknown[]): ReadTransfer {
  const [first, second] = args
  const isBuffer = ArrayBuffer.isView(first)
  if (!isBuffer && first !== undefined && first !== null && typeof first !== 'object') {
    throw invalidType('buffer', 'an instance of Buffer, TypedArray, or DataView', first)
  }
  const options = optionsOf(isBuffer ? second : first, isBuffer ? args.slice(1) : [])
  const buffer = isBuffer ? first : (options.buffer ?? Buffer.alloc(READ_BYTES))
  if (!ArrayBuffer.isView(buffer)) {
    throw invalidType('buffer', 'an instance of Buffer, TypedArray, or DataView', buffer)
  }
  return { buffer, target: partOf(buffer, options), position: positionOf(options.position) }
}

/** The arguments of `write`: as of `read`, the options with `previous`; or `(string, position, encoding)`. */
export function writeTransfer(args: readonly unknown[]): WriteTransfer {
  const [first, second, third] = args
  if (typeof first === 'string') {
    const encoding = encodingArgument(third, 'utf8')
    const bytes = Buffer.from(first, encoding === 'buffer' ? 'utf8' : encoding)
    return { buffer: first, bytes, position: positionOf(second) }
  }
  if (!ArrayBuffer.isView(first)) {
    throw invalidType(
      'buffer',
      'of type string or an instance of Buffer, TypedArray, or DataView',
      first,
    )
  }
  const options = optionsOf(second, args.slice(1))
  // The caller may go on to use its buffer only when the write has resolved, as with Node.
  const { previous } = previousArgument(second)
  const place = { bytes: partOf(first, options), position: positionOf(options.position) }
  return { buffer: first, ...place, previous }
}

function optionsOf(first: unknown, rest: readonly unknown[]): TransferOptions {
  if (typeof first === 'object' && first !== null) return first
  const [offset, length, position] = rest as readonly (number | null | undefined)[]
  return { offset, length, position }
}

function partOf(buffer: ArrayBufferView, { offset, length }: TransferOptions): Uint8Array {
  const { byteLength } = buffer
  const start = offset === undefined || offset === null ? 0 : integerArgument(offset, 'offset')
  if (start > byteLength) throw outOfRange('offset', `<= ${byteLength}`, start)
  const rest = byteLength - start
  const bytes = length === undefined || length === null ? rest : integerArgument(length, 'length')
  if (bytes > rest) throw outOfRange('length', `<= ${rest}`, bytes)
  return new Uint8Array(buffer.buffer, buffer.byteOffset + start, bytes)
}

/** Where to begin; undefined where the file stands. */
export function positionOf(position: unknown): Position {
  if (typeof position !== 'number' && typeof position !== 'bigint') return undefined
  return position < 0 ? undefined : integerArgument(position, 'position')
}

/** The buffers of `readv` and `writev`. */
export function buffersArgument(buffers: unknown): Uint8Array[] {
  if (!Array.isArray(buffers) || !buffers.every((one) => ArrayBuffer.isView(one))) {
    throw invalidType('buffers', 'an instance of ArrayBufferView[]', buffers)
  }
  return buffers.map((one) => new Uint8Array(one.buffer, one.byteOffset, one.byteLength))
}
