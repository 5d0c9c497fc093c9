import type { FaultyLink } from '@datagram/fault-harness'
import { CorestoreLink, knownLength } from '../contenders/corestore-link.ts'
import { type Corestore, type Hyperdrive, openCorestore, openHyperdrive } from '../holepunch.ts'
import type { Drive, DriveAuthor, DriveReplica, OpenDrive } from './drive.ts'

/** Hyperdrive over a Corestore: signed, not encrypted, without folders. */
export const hyperdrive: Drive = {
  name: 'hyperdrive',
  open: (folder) => HyperdriveDrive.open(folder),
  openAuthor: (folder) => HyperdriveDrive.open(folder),
}

class HyperdriveDrive implements OpenDrive, DriveAuthor {
  readonly #store: Corestore
  readonly #drive: Hyperdrive

  private constructor(store: Corestore, drive: Hyperdrive) {
    this.#store = store
    this.#drive = drive
  }

  static async open(folder: string): Promise<HyperdriveDrive> {
    const store = openCorestore(folder)
    const drive = openHyperdrive(store)
    await drive.ready()
    return new HyperdriveDrive(store, drive)
  }

  async makeFolder(): Promise<void> {}

  write(path: string, bytes: Uint8Array): Promise<unknown> {
    return this.#drive.put(path, bytes)
  }

  read(path: string): Promise<Uint8Array> {
    return read(this.#drive, path)
  }

  writeStream(path: string): NodeJS.WritableStream {
    return this.#drive.createWriteStream(path)
  }

  readStream(path: string): AsyncIterable<Uint8Array> {
    return this.#drive.createReadStream(path)
  }

  async connect(folder: string, link: FaultyLink): Promise<DriveReplica> {
    const { key, core } = this.#drive
    const blobs = await this.#drive.getBlobs()
    const store = openCorestore(folder)
    const drive = openHyperdrive(store, key)
    await drive.ready()
    const connection = new CorestoreLink(this.#store, store, link)
    await knownLength(drive.core, core.length)
    // The log of contents is found through the first block of the other, which has come by now.
    const own = await drive.getBlobs()
    if (own !== null && blobs !== null) await knownLength(own.core, blobs.core.length)
    return new HyperdriveReplica(drive, connection)
  }

  close(): Promise<void> {
    return this.#drive.close()
  }
}

class HyperdriveReplica implements DriveReplica {
  readonly #drive: Hyperdrive
  readonly #connection: CorestoreLink

  constructor(drive: Hyperdrive, connection: CorestoreLink) {
    this.#drive = drive
    this.#connection = connection
  }

  async open(): Promise<void> {}

  read(path: string): Promise<Uint8Array> {
    return read(this.#drive, path)
  }

  async readPart(path: string, start: number, length: number): Promise<Uint8Array> {
    const pieces: Buffer[] = []
    for await (const piece of this.#drive.createReadStream(path, { start, length })) {
      pieces.push(piece)
    }
    return Buffer.concat(pieces)
  }

  download(): Promise<void> {
    return this.#drive.download('/').done()
  }

  close(): Promise<void> {
    this.#connection.close()
    return this.#drive.close()
  }
}

async function read(drive: Hyperdrive, path: string): Promise<Uint8Array> {
  const bytes = await drive.get(path)
  if (bytes === null) throw new Error(`there is no ${path}`)
  return bytes
}
