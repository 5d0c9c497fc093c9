import nodefs, { constants, type PathLike } from 'node:fs'
import type { InterfaceStream } from '@datagram/stream'
import { callbackCalls } from './callbacks.ts'
import type { DatagramFs } from './datagram-fs.ts'
import { DescriptorCalls } from './descriptor-calls.ts'
import { Dir } from './directory.ts'
import { Dirent } from './dirent.ts'
import { Drive } from './drive.ts'
import { openAsBlob } from './file-blob.ts'
import { FileStreams } from './file-streams.ts'
import { folderCalls } from './folder-calls.ts'
import type { TreeCalls } from './held-directory.ts'
import { promiseCalls } from './promises.ts'
import { statWatcherCalls } from './stat-watcher.ts'
import { Stats } from './stats.ts'
import { syncCalls } from './sync-calls.ts'
import { watchCalls } from './watcher.ts'

/** Opens the files of a stream. */
export async function openNodeFs(stream: InterfaceStream): Promise<DatagramFs> {
  const drive = await Drive.open(stream)
  const calls = new DescriptorCalls(drive)
  const streams = new FileStreams(calls)
  const promises = promiseCalls({ drive, calls, streams })
  const fs = {
    ...syncCalls(),
    ...callbackCalls(promises, calls),
    ...folderCalls(promises as unknown as TreeCalls),
    watch: watchCalls(drive).watch,
    ...statWatcherCalls(drive),
    openAsBlob: (path: PathLike, options?: unknown) => openAsBlob(drive, path, options),
    promises,
    constants,
    F_OK: constants.F_OK,
    R_OK: constants.R_OK,
    W_OK: constants.W_OK,
    X_OK: constants.X_OK,
    createReadStream: (path: PathLike, options?: unknown) => streams.readStream(path, options),
    createWriteStream: (path: PathLike, options?: unknown) => streams.writeStream(path, options),
    Dir,
    Dirent,
    ReadStream: nodefs.ReadStream,
    Stats,
    WriteStream: nodefs.WriteStream,
  }
  // The same names and behaviour, by other classes: the types of Node say it best.
  return fs as unknown as DatagramFs
}
