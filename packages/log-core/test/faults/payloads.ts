import { Random } from '@datagram/fault-harness'

/** What a payload of the writer's says of itself. */
export interface PayloadNumbers {
  /** Of the batch; all of a run differ. */
  readonly number: number
  /** Which block of the batch it is. */
  readonly part: number
  /** How many blocks the batch has. */
  readonly count: number
  /** Random bytes after the numbers, which the numbers determine. */
  readonly bytes: number
}

const HEAD_BYTES = 16

/** A payload that proves itself: four numbers, then bytes that follow from them. */
export function payloadOf({ number, part, count, bytes }: PayloadNumbers): Uint8Array {
  const head = Buffer.alloc(HEAD_BYTES)
  for (const [i, value] of [number, part, count, bytes].entries()) head.writeUInt32LE(value, i * 4)
  return Buffer.concat([head, bodyOf(number, part, bytes)])
}

/** The numbers of a payload, or undefined when it is not one of the writer's, byte for byte. */
export function readPayload(payload: Uint8Array): PayloadNumbers | undefined {
  if (payload.byteLength < HEAD_BYTES) return undefined
  const head = Buffer.from(payload.subarray(0, HEAD_BYTES))
  const numbers = {
    number: head.readUInt32LE(0),
    part: head.readUInt32LE(4),
    count: head.readUInt32LE(8),
    bytes: head.readUInt32LE(12),
  }
  if (payload.byteLength !== HEAD_BYTES + numbers.bytes) return undefined
  return Buffer.compare(payload, payloadOf(numbers)) === 0 ? numbers : undefined
}

function bodyOf(number: number, part: number, bytes: number): Uint8Array {
  const random = new Random(number * 31 + part)
  // One drawn block over and over: cheap, and still different for every payload.
  const piece = Buffer.from(random.bytes(64))
  return Buffer.alloc(bytes, piece)
}
