import nodefs from 'node:fs'
import path from 'node:path'
import type { Drive, NodeLike, OpenDrive } from './drive.ts'

/** `node:fs` itself: neither encrypted nor signed. */
export const nodeDrive: Drive = {
  name: 'node:fs',
  open: async (folder) => {
    await nodefs.promises.mkdir(folder, { recursive: true })
    return new NodeDrive(folder)
  },
}

class NodeDrive implements OpenDrive {
  readonly asNode: NodeLike
  readonly #root: string

  constructor(root: string) {
    this.#root = root
    this.asNode = { fs: nodefs, root }
  }

  makeFolder(at: string): Promise<unknown> {
    return nodefs.promises.mkdir(path.join(this.#root, at))
  }

  write(at: string, bytes: Uint8Array): Promise<void> {
    return nodefs.promises.writeFile(path.join(this.#root, at), bytes)
  }

  read(at: string): Promise<Uint8Array> {
    return nodefs.promises.readFile(path.join(this.#root, at))
  }

  writeStream(at: string): NodeJS.WritableStream {
    return nodefs.createWriteStream(path.join(this.#root, at))
  }

  readStream(at: string): AsyncIterable<Uint8Array> {
    return nodefs.createReadStream(path.join(this.#root, at))
  }

  async close(): Promise<void> {}
}
