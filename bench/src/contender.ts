import type { FaultyLink } from '@datagram/fault-harness'
import type { Entry } from './workload.ts'

/**
 * Databases that are measured beside each other. `ours` is `openKv` of `@datagram/kv-interface`;
 * `our-stream` the same put together by hand, which shows its logs and replicates.
 */
export type MapName = 'ours' | 'our-stream' | 'hyperbee' | 'hyperbee2' | 'classic-level' | 'lmdb'

/** File systems that are measured beside each other (see files/drive.ts); `our-files` is `openFs`. */
export type DriveName = 'our-files' | 'hyperdrive' | 'node:fs'

export type ContenderName = MapName | DriveName

/**
 * One of the databases, opened as its documentation says and with its defaults. Keys and values are
 * strings for all of them: one that knows only bytes is given them, and asked for them, through the
 * conversions that its users write.
 */
export interface Contender {
  readonly name: MapName
  /** Opens the database in a folder, and makes it when it is not there. */
  open(folder: string): Promise<OpenMap>
  /** Absent where there is nothing to replicate. */
  readonly openAuthor?: (folder: string) => Promise<Author>
}

/** An open ordered map. */
export interface OpenMap {
  /** Resolves when the entry is as safe as the database's default says. */
  put(key: string, value: string): Promise<unknown>
  /** Puts entries, all or none. */
  batch(entries: readonly Entry[]): Promise<unknown>
  /** The value; at once where the database reads synchronously. */
  get(key: string): Promise<string | undefined> | string | undefined
  /** Reads entries in the order of their keys by the database's own iterator. */
  scan(range?: ScanRange): Promise<Scanned>
  /** Resolves when the background has nothing to do any more; absent where nobody can know. */
  settle?(): Promise<void>
  close(): Promise<void>
}

export interface ScanRange {
  /** First key; default the first that there is. */
  readonly gte?: string
  /** Default all. */
  readonly limit?: number
}

/** What a scan has seen, to be compared with what it had to see. */
export interface Scanned {
  readonly entries: number
  /** Characters of all keys and values; all are ASCII. */
  readonly characters: number
}

/** The writing side of a replicated map: a store that was loaded before. */
export interface Author {
  /** Connects a new and empty replica over `link`; resolves when it knows the lengths and nothing more. */
  connect(folder: string, link: FaultyLink): Promise<Replica>
  /** Gives the bytes of dropped blocks back to the disk; absent where nothing is dropped. */
  compact?(): Promise<void>
  close(): Promise<void>
}

/** A replica on another machine, at the other end of a link. */
export interface Replica {
  /** Opens the map in the newest state that the known lengths tell of. */
  open(): Promise<void>
  get(key: string): Promise<string | undefined>
  scan(range?: ScanRange): Promise<Scanned>
  /** Brings here all that the log or logs hold, by the call that there is for it. */
  download(): Promise<void>
  close(): Promise<void>
}
