import { encode, type State } from '@datagram/log-core'
import { type Frame, frame } from './frame.ts'
import { type FrameOperation, frameDamaged, frameOperation } from './frame-operation.ts'

const noBytes = new Uint8Array(0)

/**
 * The payload of a frame with gaps in place of some operations, and nothing in place of the bodies of some
 * objects: as long as it was, with everything else where it was. `isForgotten` is asked of each operation.
 */
export function redactFrame(
  { payload, frame: one }: { readonly payload: Uint8Array; readonly frame: Frame },
  isForgotten: (operation: FrameOperation, at: number) => boolean,
): Uint8Array | undefined {
  let hasChanged = false
  const operations = one.operations.flatMap((operation, at) => {
    if (!isForgotten(operation, at)) return [operation]
    hasChanged = true
    return redacted(operation)
  })
  if (!hasChanged) return undefined
  const left = encode(frame, { ...one, operations })
  if (left.byteLength !== payload.byteLength) {
    throw frameDamaged('it was written in another way than it is read')
  }
  return left
}

function redacted(operation: FrameOperation): readonly FrameOperation[] {
  const { space, last } = operation
  if (operation.type === 'object' && 'bytes' in operation.body) {
    const { descriptor, body } = operation
    return [{ type: 'lost', space, last, descriptor, size: body.bytes.byteLength }]
  }
  const size = sizeOf(operation)
  const one = gapOf(size, space, last)
  if (one !== undefined) return [one]
  // Where the length of a gap's own length jumps, no single one is as long: then a smallest one comes before.
  const first = { type: 'gap', space, last: false, bytes: 0 } as const
  const rest = gapOf(size - sizeOf(first), space, last)
  if (rest === undefined) throw frameDamaged(`an operation of ${size} bytes cannot be left out`)
  return [first, rest]
}

function gapOf(size: number, space: number, last: boolean): FrameOperation | undefined {
  const gap = (bytes: number): FrameOperation => ({ type: 'gap', space, last, bytes })
  const most = size - sizeOf(gap(0))
  for (const more of [0, 2, 4]) {
    if (most >= more && sizeOf(gap(most - more)) === size) return gap(most - more)
  }
  return undefined
}

function sizeOf(operation: FrameOperation): number {
  const state: State = { start: 0, end: 0, buffer: noBytes }
  frameOperation.preencode(state, operation)
  return state.end
}
