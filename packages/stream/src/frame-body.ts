import { decode } from '@datagram/log-core'
import { frame } from './frame.ts'
import { bodyOf, isChunked } from './frame-operation.ts'
import type { Place } from './place.ts'
import { redactFrame } from './redact-frame.ts'

/** Whether a frame with this payload has a body there. Where one was forgotten, it has none. */
export function bodyAt(
  payload: Uint8Array,
  { offset, size }: Pick<Place, 'offset' | 'size'>,
): boolean {
  return decode(frame, payload).operations.some((operation) => {
    const body = bodyOf(operation)
    if (body === undefined || isChunked(body)) return false
    return body.offset === offset && body.bytes.byteLength === size
  })
}

/**
 * The payload of a frame without the bodies that `left`, the same frame as it is kept, does not have, but with
 * those that are `wanted` again; undefined: it lacks none of the others.
 */
export function leftWithout(
  payload: Uint8Array,
  left: Uint8Array,
  wanted: readonly Place[],
): Uint8Array | undefined {
  return redactFrame({ payload, frame: decode(frame, payload) }, (operation) => {
    const body = bodyOf(operation)
    if (body === undefined || isChunked(body)) return false
    if (wanted.some(({ offset }) => offset === body.offset)) return false
    return !bodyAt(left, { offset: body.offset, size: body.bytes.byteLength })
  })
}
