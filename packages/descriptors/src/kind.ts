import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { Inspection } from './inspection.ts'
import type { JsonValue } from './json.ts'

/**
 * What a place of a definition does with the values that stand there. Built once, when the definition is;
 * nothing is looked up by name afterwards.
 */
export interface Kind {
  /** Names the kind in the JSON of a `oneOf`: `text`, or a nested definition's name. */
  readonly label: string
  /** Whether a value fits. */
  fits(value: unknown): boolean
  /** Writes a value; throws {@link misfit} when it does not fit. */
  write(out: ByteWriter, value: unknown): void
  /** Reads a value; throws `DATA_DAMAGED`. */
  read(from: ByteReader): unknown
  /** A frozen copy of `value` as it would be read back, or notes what is wrong with it. */
  check(value: unknown, inspection: Inspection): unknown
  /** JSON of a value that {@link check} returned, without loss. */
  toJson(value: unknown): JsonValue
  /** The value of such JSON, frozen, or notes what is wrong with it. */
  fromJson(json: unknown, inspection: Inspection): unknown
}

/**
 * What `write` throws at a value that does not fit. It never leaves the package: the caller inspects the
 * value then and says what is wrong, which costs nothing as long as nothing is.
 */
export const misfit: Error = new Error('a value does not fit its kind')

/** A kind of plain values, from what sets it apart. */
export interface ScalarKind<Value, Input = Value> {
  readonly label: string
  /** What a fitting value is called in messages, with its article. */
  readonly expected: string
  /** What fitting JSON is called in messages; default: like the value. */
  readonly expectedJson?: string
  /** Whether a value fits. */
  fits(value: unknown): value is Input
  /** A fitting value as it would be read back; default: itself. */
  settle?(value: Input): Value
  /** Writes a value; throws {@link misfit} when it does not fit. */
  write(out: ByteWriter, value: unknown): void
  read(from: ByteReader): Value
  /** Default: the value itself. */
  toJson?(value: Value): JsonValue
  /** The value that JSON stands for, which is then checked; default: the JSON itself. */
  fromJson?(json: unknown): unknown
}

/** Makes a {@link Kind} of a {@link ScalarKind}. */
export function scalarKind<Value, Input = Value>(scalar: ScalarKind<Value, Input>): Kind {
  const { label, expected, expectedJson = expected } = scalar
  const settle = (value: Input) =>
    scalar.settle ? scalar.settle(value) : (value as unknown as Value)
  return {
    label,
    fits: (value) => scalar.fits(value),
    write: scalar.write,
    read: scalar.read,
    check(value, inspection) {
      if (scalar.fits(value)) return settle(value)
      inspection.expected(expected, value)
      return undefined
    },
    toJson: (value) => (scalar.toJson ? scalar.toJson(value as Value) : (value as JsonValue)),
    fromJson(json, inspection) {
      const value = scalar.fromJson ? scalar.fromJson(json) : json
      if (scalar.fits(value)) return settle(value)
      inspection.expected(expectedJson, json)
      return undefined
    },
  }
}

/** Whether `value` fits a kind of composed values, by looking for the first thing that is wrong. */
export function fitsByCheck(kind: Pick<Kind, 'check'>, value: unknown): boolean {
  const inspection = new Inspection(1)
  kind.check(value, inspection)
  return inspection.problems.length === 0
}
