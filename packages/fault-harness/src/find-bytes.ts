import { open, readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'

export interface FindBytesOptions {
  /** Every file in the folder and below it is searched, and their names. */
  readonly folder?: string
  /** Further files. */
  readonly files?: readonly string[]
  /** Bytes in memory, searched as one sequence: a needle may begin in one and end in the next. */
  readonly buffers?: readonly Uint8Array[]
  /** Only as these bytes: for what nobody writes in another way, such as sealed ones. Default false. */
  readonly asTheyAre?: boolean
}

/** A place where the needle is. */
export interface FoundBytes {
  /** Path of the file, or `buffers`. */
  readonly where: string
  /** Of its first byte; of a file's name, -1. */
  readonly offset: number
  /** How it is written there. */
  readonly form: string
}

const NEEDLE_BYTES_MIN = 8
const WINDOW_BYTES = 8 * 1024 * 1024
const ATTEMPTS_MAX = 10

/**
 * Searches for a canary in all that it may be written as: its bytes, the same as UTF-16 (both ways),
 * as hexadecimal (both cases), and as base64 and base64url at any of the three alignments. Empty when
 * it is nowhere.
 *
 * Use a needle of 16 random characters or more: it is then not there by chance, and a compressor
 * finds nothing in it to shorten, so that its first occurrence stays readable in a compressed block.
 * A search that finds nothing proves something only beside one that finds its positive control.
 */
export async function findBytes(
  needle: string | Uint8Array,
  { folder, files = [], buffers = [], asTheyAre = false }: FindBytesOptions,
): Promise<FoundBytes[]> {
  const bytes = typeof needle === 'string' ? Buffer.from(needle) : Buffer.from(needle)
  if (bytes.byteLength < NEEDLE_BYTES_MIN) {
    throw new TypeError(`a needle of less than ${NEEDLE_BYTES_MIN} bytes may be found by chance`)
  }
  const forms: Forms = asTheyAre ? new Map([['bytes', bytes]]) : formsOf(bytes)
  const found: FoundBytes[] = []
  if (folder !== undefined) found.push(...(await findInFolder(folder, forms)))
  for (const path of files) found.push(...(await findInFile(path, forms)))
  for (const [form, pattern] of forms) {
    found.push(...findAll(Buffer.concat(buffers), pattern, 0, 'buffers', form))
  }
  return found
}

type Forms = ReadonlyMap<string, Buffer>

function formsOf(needle: Buffer): Forms {
  const hex = needle.toString('hex')
  const wide = Buffer.from(needle.toString('latin1'), 'utf16le')
  const forms = new Map([
    ['bytes', needle],
    ['utf16le', wide],
    ['utf16be', Buffer.from(wide).swap16()],
    ['hex', Buffer.from(hex)],
    ['HEX', Buffer.from(hex.toUpperCase())],
  ])
  for (let shift = 0; shift < 3; shift++) {
    // Three bytes are four characters. What stands before and after the needle decides the characters
    // that it shares with its neighbours, so only those that are wholly its own are looked for.
    const shifted = Buffer.concat([Buffer.alloc(shift), needle])
    const from = Math.ceil((shift * 8) / 6)
    const to = Math.floor((shifted.byteLength * 8) / 6)
    for (const form of ['base64', 'base64url'] as const) {
      forms.set(`${form}+${shift}`, Buffer.from(shifted.toString(form).slice(from, to)))
    }
  }
  return forms
}

/**
 * A store that is open moves its bytes from file to file. Where a file was gone before it could be
 * read, what was in it may by now be in one that was read before: the search begins anew.
 */
async function findInFolder(folder: string, forms: Forms): Promise<FoundBytes[]> {
  for (let attempt = 1; ; attempt++) {
    const found: FoundBytes[] = []
    try {
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name)
        found.push(...findInName(relative(folder, path), path, forms))
        if (entry.isFile()) found.push(...(await findInFile(path, forms)))
      }
      return found
    } catch (error) {
      const gone = (error as NodeJS.ErrnoException).code === 'ENOENT'
      if (!gone || attempt === ATTEMPTS_MAX) throw error
    }
  }
}

function findInName(name: string, path: string, forms: Forms): FoundBytes[] {
  const bytes = Buffer.from(name)
  return [...forms]
    .filter(([, pattern]) => bytes.includes(pattern))
    .map(([form]) => ({ where: path, offset: -1, form }))
}

async function findInFile(path: string, forms: Forms): Promise<FoundBytes[]> {
  const overlap = Math.max(...[...forms.values()].map(({ byteLength }) => byteLength)) - 1
  const found: FoundBytes[] = []
  const file = await open(path)
  try {
    let kept = Buffer.alloc(0)
    for (let offset = 0; ; ) {
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(WINDOW_BYTES),
        0,
        WINDOW_BYTES,
        offset,
      )
      if (bytesRead === 0) return found
      const window = Buffer.concat([kept, buffer.subarray(0, bytesRead)])
      for (const [form, pattern] of forms) {
        for (const one of findAll(window, pattern, offset - kept.byteLength, path, form)) {
          // Not what lies in the kept part alone: the last round has seen that.
          if (one.offset + pattern.byteLength > offset) found.push(one)
        }
      }
      kept = window.subarray(Math.max(0, window.byteLength - overlap))
      offset += bytesRead
    }
  } finally {
    await file.close()
  }
}

function findAll(
  bytes: Buffer,
  pattern: Buffer,
  base: number,
  where: string,
  form: string,
): FoundBytes[] {
  const found: FoundBytes[] = []
  for (let at = bytes.indexOf(pattern); at !== -1; at = bytes.indexOf(pattern, at + 1)) {
    found.push({ where, offset: base + at, form })
  }
  return found
}
