import type { ByteReader } from '../byte-reader.ts'
import type { ByteWriter } from '../byte-writer.ts'
import { FIELDS_MAX } from '../definition-limits.ts'
import type { Inspection } from '../inspection.ts'
import type { JsonValue } from '../json.ts'
import { fitsByCheck, type Kind, misfit } from '../kind.ts'

/** One field of a record, ready for use. */
export interface RecordField {
  readonly name: string
  readonly optional: boolean
  readonly kind: Kind
}

/** The fields of a definition; as a kind, they are nested in another's. */
export interface RecordKind extends Kind {
  /** Writes the fields without the length that a nested record has in front. */
  writeBody(out: ByteWriter, value: unknown): void
  /** Reads the fields, which reach to the reader's end. */
  readBody(from: ByteReader): Fields
}

type Fields = Record<string, unknown>

const isEnumerable = Object.prototype.propertyIsEnumerable

/*
 * The body of a record, at the top behind the version, nested behind the body's length (a varint):
 *
 *   size  field
 *   …     number of fields that the writer's definition has, varint, at most 1024
 *   n     a bit for each of them that is optional, in order, the lowest bit of the first byte first: 1 the
 *         field is there; the bits left over are 0
 *   …     the fields that are there, in order, each as its kind says
 *
 * A reader whose definition has fewer fields skips those at the end: all that it does not know are optional
 * ones, so that it knows how long the bits are. One whose definition has more takes its own for absent.
 */

/** Makes a {@link RecordKind} of fields in order; `label` is the name of their definition. */
export function recordKind(label: string, fields: readonly RecordField[]): RecordKind {
  const shape = shapeOf(fields)
  const writeBody = bodyWriter(fields, shape)
  const readBody = bodyReader(fields, shape)
  const kind: RecordKind = {
    label,
    writeBody,
    readBody,
    fits: (value) => fitsByCheck(kind, value),
    write(out, value) {
      const start = out.length
      writeBody(out, value)
      out.prefixLength(start)
    },
    read(from) {
      const length = from.count()
      const { end } = from
      from.end = from.at + length
      const value = readBody(from)
      from.end = end
      return value
    },
    check: (value, inspection) => convert(label, fields, value, inspection, 'check'),
    toJson(value) {
      const json: Record<string, JsonValue> = {}
      for (const { name, kind: each } of fields) {
        const own = ownValue(value as Fields, name)
        if (own !== undefined) put(json, name, each.toJson(own))
      }
      return json
    },
    fromJson: (json, inspection) => convert(label, fields, json, inspection, 'fromJson'),
  }
  return kind
}

/** Where the bits of optional fields are, reckoned once. */
interface Shape {
  /** For each field, its place among the optional ones; -1 for those that are not. */
  readonly bits: readonly number[]
  /** For each number of fields from the first, how many of them are optional. */
  readonly bitsOfFirst: readonly number[]
  /** How many fields from the first there must be to have all that are not optional. */
  readonly needed: number
}

function shapeOf(fields: readonly RecordField[]): Shape {
  const bits: number[] = []
  const bitsOfFirst = [0]
  let count = 0
  for (const { optional } of fields) {
    bits.push(optional ? count++ : -1)
    bitsOfFirst.push(count)
  }
  return { bits, bitsOfFirst, needed: bits.lastIndexOf(-1) + 1 }
}

function bodyWriter(fields: readonly RecordField[], { bits, bitsOfFirst }: Shape) {
  const names = fields.map(({ name }) => name)
  const kinds = fields.map(({ kind }) => kind)
  const count = fields.length
  const bitmapBytes = Math.ceil((bitsOfFirst[count] as number) / 8)
  return (out: ByteWriter, value: unknown): void => {
    if (!isFields(value)) throw misfit
    out.uint(count)
    const bitmap = out.zeros(bitmapBytes)
    const keys = Object.keys(value)
    // Most values have their fields in the order of the definition, so that this is a walk along both.
    let inOrder = 0
    let outOfOrder = 0
    for (let i = 0; i < count; i++) {
      const name = names[i] as string
      if (keys[inOrder] === name) inOrder++
      else if (isEnumerable.call(value, name)) outOfOrder++
      else if (bits[i] === -1) throw misfit
      else continue
      const field = value[name]
      const bit = bits[i] as number
      if (bit !== -1) {
        if (field === undefined) continue
        out.setBit(bitmap, bit)
      }
      ;(kinds[i] as Kind).write(out, field)
    }
    if (inOrder + outOfOrder !== keys.length) throw misfit
  }
}

function bodyReader(fields: readonly RecordField[], { bits, bitsOfFirst, needed }: Shape) {
  const names = fields.map(({ name }) => name)
  const kinds = fields.map(({ kind }) => kind)
  const hasUnsafeName = names.includes('__proto__')
  return (from: ByteReader): Fields => {
    const written = from.uint()
    const known = Math.min(written, kinds.length)
    if (written > FIELDS_MAX || known < needed) throw from.damaged('they have other fields')
    const bitCount = (bitsOfFirst[known] as number) + written - known
    const bitmapAt = bitCount === 0 ? 0 : readBitmap(from, bitCount)
    const { bytes } = from
    const value: Fields = {}
    for (let i = 0; i < known; i++) {
      const bit = bits[i] as number
      if (bit !== -1 && (((bytes[bitmapAt + (bit >> 3)] as number) >> (bit & 7)) & 1) === 0)
        continue
      const field = (kinds[i] as Kind).read(from)
      if (hasUnsafeName) put(value, names[i] as string, field)
      else value[names[i] as string] = field
    }
    if (written > known) from.at = from.end
    else if (from.at !== from.end) throw from.damaged('something follows the last field')
    return value
  }
}

/** Skips the bits of the optional fields and returns where they are. */
function readBitmap(from: ByteReader, bitCount: number): number {
  const { at } = from
  const size = Math.ceil(bitCount / 8)
  from.skip(size)
  const unused = size * 8 - bitCount
  if (unused > 0 && (from.bytes[from.at - 1] as number) >> (8 - unused) !== 0) {
    throw from.damaged('bits of fields are set that are not there', from.at - 1)
  }
  return at
}

function convert(
  label: string,
  fields: readonly RecordField[],
  value: unknown,
  inspection: Inspection,
  method: 'check' | 'fromJson',
): unknown {
  if (!isFields(value)) {
    inspection.expected(`an object with the fields of ${label}`, value)
    return undefined
  }
  const record: Fields = {}
  let present = 0
  for (const { name, optional, kind } of fields) {
    if (inspection.isFull) return undefined
    const isOwn = isEnumerable.call(value, name)
    if (isOwn) present++
    const field = isOwn ? value[name] : undefined
    if (field === undefined && optional) continue
    inspection.enter(name)
    if (field === undefined) inspection.note('is missing')
    else put(record, name, kind[method](field, inspection))
    inspection.leave()
  }
  const keys = Object.keys(value)
  if (keys.length !== present) noteUnknown(label, fields, keys, inspection)
  return Object.freeze(record)
}

function noteUnknown(
  label: string,
  fields: readonly RecordField[],
  keys: readonly string[],
  inspection: Inspection,
): void {
  const names = new Set(fields.map(({ name }) => name))
  for (const key of keys) {
    if (inspection.isFull) return
    if (names.has(key)) continue
    inspection.enter(key)
    inspection.note(`is no field of ${label}`)
    inspection.leave()
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function ownValue(value: Fields, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined
}

/** Sets a property of its own, whatever its name. */
function put<Value>(target: Record<string, Value>, name: string, value: Value): void {
  if (name !== '__proto__') target[name] = value
  else {
    const property = { value, enumerable: true, writable: true, configurable: true }
    Object.defineProperty(target, name, property)
  }
}
