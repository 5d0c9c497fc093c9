import type { Datagram, Kv } from 'datagram'
import { type Folder, folderInterface } from './folder-interface.ts'

/** What is kept of each file beside its bytes. */
export interface EntryFacts {
  readonly size: number
  readonly sha256: string
}

/** The stream that holds the files' bytes. */
export function filesOf(datagram: Datagram): Promise<Folder> {
  return datagram.open('files', folderInterface)
}

/** The key/value stream with an entry for each file. */
export function entriesOf(datagram: Datagram): Promise<Kv<string, EntryFacts>> {
  return datagram.kv<string, EntryFacts>('entries', { valueEncoding: 'json' })
}
