import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { defineInterface, type InterfaceStream } from 'datagram'

// A file is cut into objects of this size, so that memory stays bounded whatever its size; it is that of
// the chunks in which a stream keeps large objects.
const PART_BYTES = 256 * 1024

/** What the table of a folder says of a file. */
export interface FolderEntry {
  readonly size: number
  /** Numbers of the objects that hold its parts, in order. */
  readonly parts: readonly number[]
}

/** Files by path: a stream interface of this example's own, in some fifty lines. */
export interface Folder {
  /** Takes a file in; resolves with the SHA-256 of what was read. */
  add(name: string, file: string): Promise<{ size: number; sha256: string }>
  /** The SHA-256 of a file as it is kept here. */
  sha256(name: string): Promise<string>
  /** A file's bytes, a part at a time. */
  read(name: string): AsyncIterable<Uint8Array>
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const folderInterface = defineInterface({
  name: 'folder',
  contract: 1,
  version: 1,
  open: (stream: InterfaceStream): Folder => {
    async function* read(name: string): AsyncGenerator<Uint8Array> {
      const value = await stream.index.get(encoder.encode(name))
      if (value === undefined) throw new Error(`no file ${name} in this stream`)
      const { parts } = JSON.parse(decoder.decode(value)) as FolderEntry
      for (const n of parts) yield await stream.read({ n })
    }
    return {
      read,
      async add(name, file) {
        const hash = createHash('sha256')
        const parts: number[] = []
        let size = 0
        let last: Uint8Array | undefined
        // Every part but the last is an object by itself; the last goes with the entry, in one step.
        for await (const part of createReadStream(file, { highWaterMark: PART_BYTES })) {
          if (last !== undefined) parts.push(await appendPart(stream, last))
          last = part as Uint8Array
          hash.update(last)
          size += last.byteLength
        }
        await stream.write((tx) => {
          if (last !== undefined) parts.push(tx.append(last).n)
          tx.put(encoder.encode(name), encoder.encode(JSON.stringify({ size, parts })))
        })
        return { size, sha256: hash.digest('hex') }
      },
      async sha256(name) {
        const hash = createHash('sha256')
        for await (const part of read(name)) hash.update(part)
        return hash.digest('hex')
      },
    }
  },
})

async function appendPart(stream: InterfaceStream, part: Uint8Array): Promise<number> {
  return stream.write((tx) => tx.append(part).n)
}
