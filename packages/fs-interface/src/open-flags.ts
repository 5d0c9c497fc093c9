import { constants } from 'node:fs'

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY } = constants
const ACCESS_MODE = O_RDONLY | O_WRONLY | O_RDWR

const named: Readonly<Record<string, number>> = {
  r: O_RDONLY,
  rs: O_RDONLY | O_SYNC,
  sr: O_RDONLY | O_SYNC,
  'r+': O_RDWR,
  'rs+': O_RDWR | O_SYNC,
  'sr+': O_RDWR | O_SYNC,
  w: O_TRUNC | O_CREAT | O_WRONLY,
  wx: O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
  xw: O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
  'w+': O_TRUNC | O_CREAT | O_RDWR,
  'wx+': O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
  'xw+': O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
  a: O_APPEND | O_CREAT | O_WRONLY,
  ax: O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
  xa: O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
  as: O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
  sa: O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
  'a+': O_APPEND | O_CREAT | O_RDWR,
  'ax+': O_APPEND | O_CREAT | O_RDWR | O_EXCL,
  'xa+': O_APPEND | O_CREAT | O_RDWR | O_EXCL,
  'as+': O_APPEND | O_CREAT | O_RDWR | O_SYNC,
  'sa+': O_APPEND | O_CREAT | O_RDWR | O_SYNC,
}

/** How a file is opened. */
export interface OpenFlags {
  readonly readable: boolean
  readonly writable: boolean
  readonly append: boolean
  readonly create: boolean
  readonly exclusive: boolean
  readonly truncate: boolean
  /** Only a directory will do. */
  readonly directory: boolean
  /** A symbolic link at the end is not followed. */
  readonly noFollow: boolean
}

/** What a flag says, as Node names them or as a number. Throws `ERR_INVALID_ARG_VALUE`. */
export function openFlags(flags: unknown): OpenFlags {
  const bits = flags === undefined || flags === null ? O_RDONLY : bitsOf(flags)
  const access = bits & ACCESS_MODE
  return {
    readable: access === O_RDONLY || access === O_RDWR,
    writable: access === O_WRONLY || access === O_RDWR,
    append: (bits & O_APPEND) !== 0,
    create: (bits & O_CREAT) !== 0,
    exclusive: (bits & O_EXCL) !== 0,
    truncate: (bits & O_TRUNC) !== 0,
    directory: (bits & constants.O_DIRECTORY) !== 0,
    noFollow: (bits & constants.O_NOFOLLOW) !== 0,
  }
}

function bitsOf(flags: unknown): number {
  if (typeof flags === 'number' && Number.isInteger(flags)) return flags
  const bits = typeof flags === 'string' && Object.hasOwn(named, flags) ? named[flags] : undefined
  if (bits !== undefined) return bits
  const error = new TypeError(`The argument 'flags' is invalid. Received ${inspected(flags)}`)
  throw Object.assign(error, { code: 'ERR_INVALID_ARG_VALUE' })
}

function inspected(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
