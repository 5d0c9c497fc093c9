import type * as nodefs from 'node:fs'

type Node = typeof nodefs
type SyncName = Extract<keyof Node, `${string}Sync`>

/**
 * The files of one stream, as `node:fs` has them: `promises`, callbacks and streams. Relative paths begin at
 * the root. Errors are those of Node: `code`, `errno`, `syscall`, `path`, and on a replica `EROFS` for what
 * would change something. What is not on this machine is fetched; what nobody reachable has ends with
 * `BLOCK_UNAVAILABLE` or `WAIT_TIMEOUT`.
 *
 * The synchronous calls throw `FS_SYNC_ABSENT`.
 */
export interface DatagramFs
  extends Omit<Node, SyncName | 'openAsBlob' | 'FileReadStream' | 'FileWriteStream'>,
    Pick<Node, SyncName> {}
