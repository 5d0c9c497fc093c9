import b4a from 'b4a'
import { boundsWithin } from './field-index.ts'
import {
  assertOrdered,
  encodeFieldValue,
  encodeTextPrefix,
  type FieldValue,
} from './field-value.ts'
import { keyBeyond } from './key-space.ts'

/** Which values of a field are meant. All bounds hold together, and are of one kind. */
export interface FieldRange {
  readonly gt?: FieldValue | undefined
  readonly gte?: FieldValue | undefined
  readonly lt?: FieldValue | undefined
  readonly lte?: FieldValue | undefined
  /** Texts that begin with this; at most 256 bytes. */
  readonly prefix?: string | undefined
}

/**
 * Conditions on indexed fields, which all must hold: a value that the field has (of a list: that is among
 * its items), or a range. Texts and bytes longer than 256 bytes are equal or not as any other, and are
 * ordered by their first 256 bytes.
 */
export type Where = Readonly<Record<string, FieldValue | FieldRange>>

/** Bounds of keys of the index of fields. */
export interface FieldBounds {
  readonly gte: Uint8Array
  readonly lt: Uint8Array
}

/** What makes the bounds of a condition, once it is known which field of which descriptor is meant. */
export type FieldCondition = (head: Uint8Array) => FieldBounds

const rangeKeys = new Set(['gt', 'gte', 'lt', 'lte', 'prefix'])

/** The conditions by field. Throws a TypeError for what is none. */
export function readWhere(where: Where): ReadonlyMap<string, FieldCondition> {
  if (typeof where !== 'object' || where === null) throw new TypeError('where is an object')
  return new Map(Object.entries(where).map(([name, one]) => [name, readCondition(name, one)]))
}

function readCondition(name: string, condition: FieldValue | FieldRange): FieldCondition {
  const value = encodeFieldValue(condition)
  if (value !== undefined) return (head) => boundsWithin(head, value)
  if (typeof condition !== 'object' || condition === null || Array.isArray(condition)) {
    throw new TypeError(`where.${name} is a value or a range`)
  }
  const range = condition as FieldRange
  const bounds = Object.entries(range).filter(([, bound]) => bound !== undefined)
  for (const [key] of bounds) {
    if (!rangeKeys.has(key)) throw new TypeError(`where.${name} has gt, gte, lt, lte and prefix`)
  }
  if (bounds.length === 0) throw new TypeError(`where.${name} has no bound`)
  if (range.prefix === undefined) return rangeBounds(name, range)
  if (typeof range.prefix !== 'string' || bounds.length > 1) {
    throw new TypeError(`where.${name}.prefix is a text, and stands alone`)
  }
  const prefix = encodeTextPrefix(range.prefix)
  return (head) => boundsWithin(head, prefix)
}

function rangeBounds(name: string, range: FieldRange): FieldCondition {
  const bound = (key: 'gt' | 'gte' | 'lt' | 'lte') => encodeBound(name, key, range[key])
  const [gt, gte, lt, lte] = [bound('gt'), bound('gte'), bound('lt'), bound('lte')]
  const given = [gt, gte, lt, lte].filter((bytes) => bytes !== undefined)
  const tag = given[0]?.[0] as number
  if (given.some((bytes) => bytes[0] !== tag)) {
    throw new TypeError(`the bounds of where.${name} are of different kinds`)
  }
  return (head) => {
    const at = (bytes: Uint8Array) => b4a.concat([head, bytes])
    const from = [at(new Uint8Array([tag])), gte && at(gte), gt && keyBeyond(at(gt))]
    const to = [at(new Uint8Array([tag + 1])), lt && at(lt), lte && keyBeyond(at(lte))]
    return { gte: extreme(from, 1), lt: extreme(to, -1) }
  }
}

function encodeBound(
  name: string,
  key: string,
  value: FieldValue | undefined,
): Uint8Array | undefined {
  if (value === undefined) return undefined
  const bytes = encodeFieldValue(value)
  if (bytes === undefined) throw new TypeError(`where.${name}.${key} is no value of a field`)
  if (typeof value === 'string') assertOrdered(b4a.from(value))
  if (value instanceof Uint8Array) assertOrdered(value)
  return bytes
}

/** The greatest of the keys that are there (`sign` 1), or the least (−1). */
function extreme(keys: readonly (Uint8Array | undefined)[], sign: 1 | -1): Uint8Array {
  return keys
    .filter((key) => key !== undefined)
    .reduce((best, key) => (b4a.compare(key, best) * sign > 0 ? key : best))
}
