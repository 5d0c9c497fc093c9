import b4a from 'b4a'
import { Double, Members, NIL_ARRAY, NO_REPLY, type Reply, Status } from './reply.ts'

/**
 * What the JavaScript API gives for an answer: absence is `undefined`, pairs are an object, a number beyond
 * 2^53 is a bigint, and data is text or bytes. An error inside an array is its item.
 */
export type JsReply =
  | undefined
  | string
  | number
  | bigint
  | Uint8Array
  | Error
  | readonly JsReply[]
  | { readonly [key: string]: JsReply }

/** An answer as JavaScript. `decode`: what becomes of data. */
export function jsReply(reply: Reply, decode: (bytes: Uint8Array) => string | Uint8Array): JsReply {
  if (reply === null || reply === NIL_ARRAY || reply === NO_REPLY) return undefined
  if (typeof reply === 'symbol') return undefined
  if (typeof reply === 'bigint') {
    return Number.isSafeInteger(Number(reply)) ? Number(reply) : reply
  }
  if (reply instanceof Uint8Array) return decode(reply)
  if (reply instanceof Status) return reply.text
  if (reply instanceof Double) return reply.value
  if (reply instanceof Members) return reply.items.map((item) => jsReply(item, decode))
  if (Array.isArray(reply)) return reply.map((item: Reply) => jsReply(item, decode))
  if (!(reply instanceof Map)) return reply as string | number | Error
  const pairs: Record<string, JsReply> = Object.create(null)
  for (const [key, value] of reply as ReadonlyMap<string | Uint8Array, Reply>) {
    pairs[typeof key === 'string' ? key : b4a.toString(key)] = jsReply(value, decode)
  }
  return pairs
}
