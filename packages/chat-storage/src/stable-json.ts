import { configure } from 'safe-stable-stringify'

const stringify = configure({ bigint: false, circularValue: Error, strict: true })

/**
 * `value` as JSON with the keys of every object sorted and no spaces, so that equal values have equal
 * texts: what hashes are taken of. Throws for what JSON cannot hold.
 */
export function stableJson(value: unknown): string {
  const text = stringify(value)
  if (text === undefined) throw new TypeError('this value has no JSON')
  return text
}
