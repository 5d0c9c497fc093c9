import type { FaultyLink } from '@datagram/fault-harness'
import type nodefs from 'node:fs'
import type { DriveName } from '../contender.ts'

/** One of the file systems, opened as its documentation says and with its defaults. Paths begin with `/`. */
export interface Drive {
  readonly name: DriveName
  /** Opens it in a folder, and makes it when it is not there. */
  open(folder: string): Promise<OpenDrive>
  /** Absent where there is nothing to replicate. */
  readonly openAuthor?: (folder: string) => Promise<DriveAuthor>
}

/** An open file system. */
export interface OpenDrive {
  /** A folder that files are to be put in; nothing where there are none. */
  makeFolder(path: string): Promise<unknown>
  /** Resolves when the file is as safe as the file system's default says; so does the end of a stream. */
  write(path: string, bytes: Uint8Array): Promise<unknown>
  read(path: string): Promise<Uint8Array>
  writeStream(path: string): NodeJS.WritableStream
  readStream(path: string): AsyncIterable<Uint8Array>
  /** Absent where programs that expect `node:fs` cannot use it. */
  readonly asNode?: NodeLike
  close(): Promise<void>
}

/** A file system that programs take for `node:fs`. */
export interface NodeLike {
  readonly fs: Pick<typeof nodefs, 'promises'>
  /** The folder in it that they may use; '' for its root. */
  readonly root: string
}

/** The writing side of a replicated file system. */
export interface DriveAuthor extends Pick<OpenDrive, 'makeFolder' | 'write' | 'writeStream'> {
  /** Connects a new and empty replica over `link`; resolves when it knows the lengths and nothing more. */
  connect(folder: string, link: FaultyLink): Promise<DriveReplica>
  close(): Promise<void>
}

/** A replica on another machine, at the other end of a link. */
export interface DriveReplica extends Pick<OpenDrive, 'read' | 'close'> {
  /** Opens it in the newest state that the known lengths tell of. */
  open(): Promise<void>
  readPart(path: string, start: number, length: number): Promise<Uint8Array>
  /** Brings all files here, by the call that there is for it. */
  download(): Promise<void>
}
