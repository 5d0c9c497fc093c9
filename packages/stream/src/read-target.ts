import b4a from 'b4a'
import { assertObjectNumber } from './contents.ts'
import { assertKey } from './limits.ts'
import type { EntryRange, ObjectRange, Target } from './target.ts'

/** Half-open bounds of keys. */
export interface KeySpan {
  readonly from: Uint8Array
  /** Undefined: to the end. */
  readonly to: Uint8Array | undefined
}

const objectBounds = ['from', 'to'] as const
const keyBounds = ['gt', 'gte', 'lt', 'lte'] as const

/** Whether it is one thing. Throws a TypeError for what is neither that nor a range. */
export function isTarget(target: Target | ObjectRange | EntryRange): target is Target {
  if (target instanceof Uint8Array) return true
  const given = (name: string) => (Object(target) as Record<string, unknown>)[name] !== undefined
  const kinds = [given('n'), objectBounds.some(given), keyBounds.some(given)]
  if (kinds.filter(Boolean).length === 1) return given('n')
  throw new TypeError(
    'a target is a key, { n } of an object, a range of objects { from, to }, or of keys { gte, lt }',
  )
}

/** Whether a range is one of objects. */
export function isObjectRange(range: ObjectRange | EntryRange): range is ObjectRange {
  return 'from' in range || 'to' in range
}

/** The numbers of a range, given how many objects there are. Throws a TypeError for bounds that are none. */
export function objectNumbersIn({ from = 0, to }: ObjectRange, count: number): number[] {
  assertObjectNumber(from)
  if (to !== undefined) assertObjectNumber(to)
  const end = Math.min(to ?? count, count)
  return Array.from({ length: Math.max(0, end - from) }, (_, i) => from + i)
}

/** The bounds as half-open ones. Throws a TypeError, and `KEY_TOO_LARGE`. */
export function spanOf({ gt, gte, lt, lte }: EntryRange): KeySpan {
  for (const bound of [gt, gte, lt, lte]) if (bound !== undefined) assertKey(bound)
  const lower = [gte, gt && after(gt)].filter((key) => key !== undefined).sort(b4a.compare)
  const upper = [lt, lte && after(lte)].filter((key) => key !== undefined).sort(b4a.compare)
  return { from: b4a.from(lower.at(-1) ?? new Uint8Array(0)), to: upper[0] && b4a.from(upper[0]) }
}

// The first key behind one.
function after(key: Uint8Array): Uint8Array {
  const next = b4a.concat([key, new Uint8Array(1)])
  assertKey(next)
  return next
}
