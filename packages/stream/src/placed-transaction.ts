import type { Stamp } from '@datagram/log-core'
import type { Batch } from './batches.ts'
import { type FrameOperation, isNumbered } from './frame-operation.ts'
import type { Moment } from './interface-stream.ts'

/** An operation of an interface: what forgetting left, and what it says, are none. */
export type PlainOperation = Extract<
  FrameOperation,
  { type: 'put' | 'del' | 'object' | 'revision' }
>

/** An operation in the data log. */
export interface PlacedOperation {
  readonly operation: PlainOperation
  /** Block of its frame. */
  readonly block: number
  /** Number that its object has, if it is one. */
  readonly n: number
}

/** What one transaction did in one key space. */
export interface PlacedTransaction {
  readonly operations: readonly PlacedOperation[]
  /** The moment after it. */
  readonly moment: Moment
  readonly stamp: Stamp
  readonly writer: number
}

/** The transactions of a batch that touched the key space; one may span several frames. */
export function transactionsOf(space: number, batch: Batch): PlacedTransaction[] {
  const { frames, end, stamp, writer } = batch
  const all = operationsOf(space, frames)
  const position = frames[0]?.block ?? end
  return all.map((operations, i) => ({
    operations,
    moment:
      i === all.length - 1 ? { position: end, transactions: 0 } : { position, transactions: i + 1 },
    stamp,
    writer,
  }))
}

function operationsOf(space: number, frames: Batch['frames']): PlacedOperation[][] {
  const transactions: PlacedOperation[][] = []
  let current: PlacedOperation[] = []
  for (const { block, frame } of frames) {
    let n = frame.firstObject ?? 0
    for (const operation of frame.operations) {
      if (operation.space === space && isPlain(operation)) {
        current.push({ operation, block, n: operation.type === 'revision' ? operation.n : n })
      }
      if (isNumbered(operation)) n++
      if (!operation.last) continue
      if (current.length > 0) transactions.push(current)
      current = []
    }
  }
  if (current.length > 0) transactions.push(current)
  return transactions
}

function isPlain(operation: FrameOperation): operation is PlainOperation {
  const { type } = operation
  return type === 'put' || type === 'del' || type === 'object' || type === 'revision'
}
