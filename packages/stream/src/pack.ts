import type { IndexOperation } from '@datagram/indexer'
import type { BlockInput, State } from '@datagram/log-core'
import {
  CHUNK_KIND,
  FRAME_HEAD_BYTES_MAX,
  FRAME_KIND,
  type Frame,
  frame,
  MOVED_KIND,
} from './frame.ts'
import { type FrameBody, type FrameOperation, frameOperation } from './frame-operation.ts'
import { indexOperations } from './index-operations.ts'
import { CHUNK_BYTES, FRAME_BODY_BYTES_MAX, FRAME_BYTES_TARGET } from './limits.ts'
import { type PendingOperation, pendingBytes } from './pending-operation.ts'

// Bytes of an operation beside its key and body, at most: head, key space, two lengths, chunk fields.
const OPERATION_HEAD_BYTES_MAX = 32

/** Transactions made ready for one append. */
export interface Packed {
  /** Chunk blocks, then frame blocks. */
  readonly blocks: readonly BlockInput[]
  /** How many of the blocks are chunks. */
  readonly chunks: number
  /** What the frames mean to the index, once it is known that their first block is `first`. */
  indexOperations(first: number): IndexOperation[]
}

/**
 * Packs transactions into blocks to be appended together: the chunks of their large bodies, then as few frames
 * as hold their operations. `firstObject`: number of the first object among them.
 */
export function pack(
  transactions: readonly (readonly PendingOperation[])[],
  firstObject: number,
): Packed {
  const { blocks, starts } = cutLargeBodies(transactions)
  const chunks = blocks.length
  // In the last append, with the frames that name them: nothing is left of a forgetting that was cut off.
  for (const operation of transactions.flat()) {
    if (operation.type !== 'moved') continue
    starts.set(operation, blocks.length)
    blocks.push({ kind: MOVED_KIND, payload: operation.payload })
  }
  const before = blocks.length
  const frames = fillFrames(transactions, starts, before, firstObject)
  for (const { payload } of frames) blocks.push({ kind: FRAME_KIND, payload })
  return {
    blocks,
    chunks,
    indexOperations: (first) =>
      frames.length === 1
        ? indexOperations((frames[0] as FilledFrame).frame, first + before)
        : frames.flatMap(({ frame }, i) => indexOperations(frame, first + before + i)),
  }
}

/** Which block of the append each large body begins at, and each moved frame lies in. */
type Starts = Map<PendingOperation, number>

function cutLargeBodies(transactions: readonly (readonly PendingOperation[])[]): {
  readonly blocks: BlockInput[]
  readonly starts: Starts
} {
  const blocks: BlockInput[] = []
  const starts = new Map<PendingOperation, number>()
  for (const operations of transactions) {
    for (const operation of operations) {
      if (!('body' in operation) || operation.body.byteLength <= FRAME_BODY_BYTES_MAX) continue
      starts.set(operation, blocks.length)
      for (let at = 0; at < operation.body.byteLength; at += CHUNK_BYTES) {
        blocks.push({ kind: CHUNK_KIND, payload: operation.body.subarray(at, at + CHUNK_BYTES) })
      }
    }
  }
  return { blocks, starts }
}

function fillFrames(
  transactions: readonly (readonly PendingOperation[])[],
  starts: Starts,
  before: number,
  firstObject: number,
): FilledFrame[] {
  const frames: FillingFrame[] = []
  let filling: FillingFrame | undefined
  let objects = firstObject
  for (const operations of transactions) {
    for (let i = 0; i < operations.length; i++) {
      const pending = operations[i] as PendingOperation
      const start = starts.get(pending)
      const bodyBytes = start === undefined ? 0 : elsewhereBytes(pending)
      const bytes = pendingBytes(pending) - bodyBytes + OPERATION_HEAD_BYTES_MAX
      if (filling === undefined || filling.bytes + bytes > FRAME_BYTES_TARGET) {
        filling = new FillingFrame(before + frames.length, objects)
        frames.push(filling)
      }
      if (pending.type === 'object') objects++
      filling.add({ pending, last: i === operations.length - 1, start }, bytes)
    }
  }
  return frames.map((one) => one.finish())
}

/** A frame and its bytes. */
interface FilledFrame {
  readonly frame: Frame
  readonly payload: Uint8Array
}

/** An operation that goes into a frame. */
interface FilledOperation {
  readonly pending: PendingOperation
  readonly last: boolean
  /** Block of the append that a large body begins at. */
  readonly start: number | undefined
}

class FillingFrame {
  bytes = FRAME_HEAD_BYTES_MAX
  readonly #block: number
  readonly #nextObject: number
  #hasObjects = false
  readonly #filled: FilledOperation[] = []

  /** `block`: how many blocks of the append come before this frame. */
  constructor(block: number, nextObject: number) {
    this.#block = block
    this.#nextObject = nextObject
  }

  /** `bytes`: what the operation takes at most. */
  add(operation: FilledOperation, bytes: number): void {
    this.bytes += bytes
    this.#hasObjects ||= operation.pending.type === 'object'
    this.#filled.push(operation)
  }

  finish(): FilledFrame {
    const firstObject = this.#hasObjects ? this.#nextObject : undefined
    const state: State = { start: 0, end: 0, buffer: noBytes }
    frame.preencode(state, { firstObject, seen: [], operations: [] })
    const operations = this.#filled.map((filled) => this.#operation(filled, state))
    const one = { firstObject, seen: [], operations }
    state.buffer = new Uint8Array(state.end)
    frame.encode(state, one)
    return { frame: one, payload: state.buffer }
  }

  /** The operation, whose size it adds to `state`, as encoding it next would. */
  #operation({ pending, last, start }: FilledOperation, state: State): FrameOperation {
    const { space } = pending
    if (!('body' in pending)) {
      const operation: FrameOperation =
        pending.type === 'moved'
          ? {
              type: 'moved',
              space,
              last,
              block: pending.block,
              back: this.#block - (start as number),
            }
          : { ...pending, last }
      frameOperation.preencode(state, operation)
      return operation
    }
    const bytes = pending.body
    const inline = { bytes, offset: 0 }
    const body: FrameBody =
      start === undefined
        ? inline
        : { size: bytes.byteLength, back: this.#block - start, chunkBytes: CHUNK_BYTES }
    const operation: FrameOperation = { ...pending, last, body }
    frameOperation.preencode(state, operation)
    // The body is the last field of its operation: it begins where the operation ends, less its size.
    inline.offset = state.end - bytes.byteLength
    return operation
  }
}

// Bytes of an operation that lie in blocks of their own.
function elsewhereBytes(operation: PendingOperation): number {
  if (operation.type === 'moved') return operation.payload.byteLength
  return 'body' in operation ? operation.body.byteLength : 0
}

const noBytes = new Uint8Array(0)
