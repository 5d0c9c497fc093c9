import nodefs, { type PathLike } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { PreviousOptions } from '@datagram/stream'
import { errnoError } from './errno-error.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * A path as a string. What is no path throws what Node throws for it; bytes that are no UTF-8 are
 * `EILSEQ`, since names are text here.
 */
export function pathArgument(path: PathLike, syscall = 'open'): string {
  if (path instanceof URL) return pathArgument(fileURLToPath(path))
  if (typeof path === 'string' && !path.includes('\0')) return path
  if (path instanceof Uint8Array && !path.includes(0)) {
    try {
      return utf8.decode(path)
    } catch (cause) {
      throw errnoError('EILSEQ', { syscall, path: Buffer.from(path).toString() }, cause)
    }
  }
  return refused(() => nodefs.lstatSync(path))
}

/** Permissions: a number, or an octal string. */
export function modeArgument(mode: unknown, fallback: number): number {
  if (mode === undefined || mode === null) return fallback
  if (typeof mode === 'number' && Number.isInteger(mode) && mode >= 0 && mode <= 0xffff_ffff)
    return mode
  if (typeof mode === 'string' && /^[0-7]+$/.test(mode)) return Number.parseInt(mode, 8)
  return refused(() => nodefs.chmodSync('', mode as never))
}

// Node's own call refuses what it is given, with Node's own error, before it touches anything.
function refused(call: () => unknown): never {
  call()
  throw new TypeError('the argument is invalid')
}

/** The options of a call, which may be an encoding alone. */
export function optionsArgument<T extends object>(options: unknown): Partial<T> {
  if (options === undefined || options === null || typeof options === 'function') return {}
  if (typeof options === 'string') return { encoding: options } as unknown as Partial<T>
  if (typeof options === 'object') return options
  throw invalidType('options', 'of type string or an instance of Object', options)
}

/** What is to become of what a call replaces. Throws `ERR_INVALID_ARG_VALUE`. */
export function previousArgument(options: unknown): PreviousOptions {
  // A number is what some calls take in the place of options.
  const given = typeof options === 'number' ? undefined : options
  const { previous } = optionsArgument<PreviousOptions>(given)
  if (previous === undefined || previous === 'keep' || previous === 'forget') return { previous }
  throw invalidValue(`The argument 'previous' must be one of: 'keep', 'forget'`, previous)
}

/** An encoding of Node, or `buffer`. Throws `ERR_INVALID_ARG_VALUE`. */
export function encodingArgument(
  encoding: unknown,
  fallback: BufferEncoding | 'buffer',
): BufferEncoding | 'buffer' {
  if (encoding === undefined || encoding === null) return fallback
  if (encoding === 'buffer') return encoding
  if (typeof encoding === 'string' && Buffer.isEncoding(encoding)) return encoding
  throw invalidValue("The argument 'encoding' is invalid encoding", encoding)
}

/** The error of an argument of the right type whose value will not do; `why` says so. */
export function invalidValue(why: string, value: unknown): TypeError {
  const message = `${why}. Received ${inspected(value)}`
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_VALUE' })
}

/** A length, size or position. Throws `ERR_INVALID_ARG_TYPE` or `ERR_OUT_OF_RANGE`. */
export function integerArgument(value: unknown, name: string, min = 0): number {
  if (typeof value === 'bigint') return integerArgument(Number(value), name, min)
  if (typeof value !== 'number') throw invalidType(name, 'of type number', value)
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value)
  if (value < min || value > Number.MAX_SAFE_INTEGER) {
    throw outOfRange(name, `>= ${min} && <= ${Number.MAX_SAFE_INTEGER}`, value)
  }
  return value
}

/** The error of an argument of the wrong type. */
export function invalidType(name: string, expected: string, value: unknown): TypeError {
  const message = `The "${name}" argument must be ${expected}. Received ${described(value)}`
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' })
}

/** The error of a number that is out of range. */
export function outOfRange(name: string, range: string, value: unknown): RangeError {
  const message = `The value of "${name}" is out of range. It must be ${range}. Received ${inspected(value)}`
  return Object.assign(new RangeError(message), { code: 'ERR_OUT_OF_RANGE' })
}

function described(value: unknown): string {
  if (value === undefined || value === null) return String(value)
  if (typeof value === 'function') return `function ${value.name}`
  if (typeof value === 'object') return `an instance of ${value.constructor?.name ?? 'Object'}`
  return `type ${typeof value} (${inspected(value)})`
}

function inspected(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
