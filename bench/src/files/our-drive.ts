import type { FaultyLink } from '@datagram/fault-harness'
import { type DatagramFs, fsInterface, openFs } from '@datagram/fs-interface'
import { openStream, type Stream } from '@datagram/stream'
import { type OurLogs, openOurLogs } from '../contenders/our-logs.ts'
import { connectReplicaLogs, type OurReplicaLogs } from '../contenders/our-replica-logs.ts'
import type { Drive, DriveAuthor, DriveReplica, NodeLike, OpenDrive } from './drive.ts'

/**
 * `openFs` of `@datagram/fs-interface`, with its defaults: encrypted and signed; without a password, so that
 * deriving a key from one (on purpose slow) does not hide what opening costs.
 */
export const ourDrive: Drive = {
  name: 'our-files',
  open: async (folder) => {
    const fs = await openFs(folder)
    return new OurDrive(fs, () => fs[Symbol.asyncDispose]())
  },
  openAuthor: async (folder) => {
    const logs = await openOurLogs(folder)
    return new OurDriveAuthor(
      logs,
      await openStream({ ...logs, name: 'fs', definition: fsInterface }),
    )
  },
}

class OurDrive implements OpenDrive {
  readonly asNode: NodeLike
  readonly close: () => Promise<void>
  readonly #fs: DatagramFs

  constructor(fs: DatagramFs, close: () => Promise<void>) {
    this.#fs = fs
    this.asNode = { fs, root: '' }
    this.close = close
  }

  makeFolder(path: string): Promise<unknown> {
    return this.#fs.promises.mkdir(path)
  }

  write(path: string, bytes: Uint8Array): Promise<void> {
    return this.#fs.promises.writeFile(path, bytes)
  }

  read(path: string): Promise<Uint8Array> {
    return this.#fs.promises.readFile(path)
  }

  writeStream(path: string): NodeJS.WritableStream {
    return this.#fs.createWriteStream(path)
  }

  readStream(path: string): AsyncIterable<Uint8Array> {
    return this.#fs.createReadStream(path)
  }
}

/** The same put together by hand, which shows its logs and replicates. */
class OurDriveAuthor extends OurDrive implements DriveAuthor {
  readonly #logs: OurLogs

  constructor(logs: OurLogs, stream: Stream<DatagramFs>) {
    super(stream.api, () => stream.close().finally(() => logs.store.close()))
    this.#logs = logs
  }

  async connect(folder: string, link: FaultyLink): Promise<DriveReplica> {
    return new OurDriveReplica(await connectReplicaLogs(this.#logs, folder, link))
  }
}

class OurDriveReplica implements DriveReplica {
  readonly #logs: OurReplicaLogs
  #stream: Stream<DatagramFs> | undefined

  constructor(logs: OurReplicaLogs) {
    this.#logs = logs
  }

  async open(): Promise<void> {
    const { data, index } = this.#logs
    this.#stream = await openStream({ name: 'fs', data, index, definition: fsInterface })
    await this.#stream.update()
  }

  read(path: string): Promise<Uint8Array> {
    return this.#opened.api.promises.readFile(path)
  }

  async readPart(path: string, start: number, length: number): Promise<Uint8Array> {
    await using file = await this.#opened.api.promises.open(path)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start)
    return buffer.subarray(0, bytesRead)
  }

  async download(): Promise<void> {
    await this.#opened.download()
  }

  async close(): Promise<void> {
    await this.#stream?.close()
    await this.#logs.close()
  }

  get #opened(): Stream<DatagramFs> {
    if (this.#stream === undefined) throw new Error('open() comes first')
    return this.#stream
  }
}
