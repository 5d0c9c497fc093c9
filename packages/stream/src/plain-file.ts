import { constants } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import { exportDamaged } from './export-format.ts'

// A line holds a body of at most 128 MiB, as text, escaped or in base64.
const LINE_CHARACTERS_MAX = 400 * 1024 * 1024

/** The contents of a file of an export. Throws `EXPORT_DAMAGED` for one that is too large, or no file. */
export async function readPlainFile(
  folder: string,
  name: string,
  bytesMax: number,
): Promise<Uint8Array> {
  const file = await openPlainFile(folder, name)
  try {
    const { size } = await file.stat()
    if (size > bytesMax) throw exportDamaged(name, `it is larger than ${bytesMax} bytes`)
    return await file.readFile()
  } finally {
    await file.close()
  }
}

/** The lines of a text file of an export. */
export async function* textLines(
  folder: string,
  name: string,
): AsyncGenerator<string, void, undefined> {
  const file = await openPlainFile(folder, name)
  const decode = utf8Decoder(name)
  // Parts of a line that has not ended yet; joined once, so that a long line costs no more than its length.
  let parts: string[] = []
  let characters = 0
  try {
    for await (const chunk of file.createReadStream({ autoClose: false })) {
      for (const [i, text] of decode(chunk as Uint8Array)
        .split('\n')
        .entries()) {
        if (i > 0) {
          yield parts.join('')
          parts = []
          characters = 0
        }
        parts.push(text)
        characters += text.length
        if (characters > LINE_CHARACTERS_MAX) throw exportDamaged(name, 'a line is too long')
      }
    }
  } finally {
    await file.close()
  }
  if (characters > 0) yield parts.join('')
}

function utf8Decoder(name: string): (chunk: Uint8Array) => string {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  return (chunk) => {
    try {
      return decoder.decode(chunk, { stream: true })
    } catch (cause) {
      throw exportDamaged(name, 'it is not UTF-8', cause)
    }
  }
}

/** Opens a file within `folder`. One that is a link, or lies behind one, is refused. */
async function openPlainFile(folder: string, name: string): Promise<fs.FileHandle> {
  const file = await openNoLink(folder, name)
  if ((await file.stat()).isFile()) return file
  await file.close()
  throw exportDamaged(name, 'it is no plain file')
}

async function openNoLink(folder: string, name: string): Promise<fs.FileHandle> {
  const inside = path.dirname(name)
  try {
    const isBehindLink = (await fs.lstat(path.join(folder, inside))).isSymbolicLink()
    if (inside !== '.' && isBehindLink) throw exportDamaged(inside, 'it is a link')
    // Without waiting for somebody to write, should it be a pipe.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
    return await fs.open(path.join(folder, name), flags)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ELOOP') throw exportDamaged(name, 'it is a link', cause)
    if (code === 'ENOENT' || code === 'ENOTDIR') throw exportDamaged(name, 'it is missing', cause)
    throw cause
  }
}
