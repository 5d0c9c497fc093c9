import { constants, type PathLike } from 'node:fs'
import {
  encodingArgument,
  integerArgument,
  modeArgument,
  optionsArgument,
  outOfRange,
  pathArgument,
  previousArgument,
} from './argument.ts'
import type { DescriptorCalls } from './descriptor-calls.ts'
import type { Drive } from './drive.ts'
import { type ContentOptions, FileHandle, writeData } from './file-handle.ts'
import type { FileStreams } from './file-streams.ts'
import { openFlags } from './open-flags.ts'
import { openFile } from './opening.ts'
import { copyWhole, readWhole, writeWhole } from './whole-file.ts'
import { bytesOf, isPieces, wholeBytesOf } from './written-data.ts'

const { COPYFILE_EXCL, COPYFILE_FICLONE, COPYFILE_FICLONE_FORCE } = constants
const COPY_FLAGS = COPYFILE_EXCL | COPYFILE_FICLONE | COPYFILE_FICLONE_FORCE

interface FileOptions extends ContentOptions {
  readonly flag: unknown
  readonly mode: unknown
}

/** What {@link contentCalls} needs. */
export interface ContentCallsContext {
  readonly drive: Drive
  readonly calls: DescriptorCalls
  readonly streams: FileStreams
}

/** The calls of `node:fs/promises` that read and write what is in files. */
export function contentCalls({ drive, calls, streams }: ContentCallsContext) {
  const write = async (
    file: PathLike | FileHandle,
    data: unknown,
    options: unknown,
    fallbackFlag: string,
  ): Promise<void> => {
    if (file instanceof FileHandle) return file.writeFile(data, options)
    const { encoding, flag, mode, signal } = optionsArgument<FileOptions>(options)
    const text = encodingArgument(encoding, 'utf8')
    const bytes = isPieces(data) ? bytesOf(data, text) : wholeBytesOf(data, text)
    const flags = openFlags(flag ?? fallbackFlag)
    const permissions = modeArgument(mode, 0o666)
    const path = pathArgument(file)
    const forgetting = previousArgument(options)
    if (bytes !== undefined) {
      await writeWhole(drive, path, bytes, { flags, permissions, signal, ...forgetting })
    } else {
      const opened = await openFile(drive, path, flags, permissions, forgetting)
      try {
        // Where opening empties the file, all of before is forgotten by that.
        const over = flags.truncate ? {} : forgetting
        await writeData(opened, data, { encoding: text, signal, ...over })
      } finally {
        await opened.close()
      }
    }
    await drive.settle(forgetting)
  }
  return {
    async open(path: PathLike, flags?: unknown, mode?: unknown) {
      return new FileHandle(await calls.open(path, flags, mode), calls, streams)
    },
    async readFile(file: PathLike | FileHandle, options?: unknown) {
      if (file instanceof FileHandle) return file.readFile(options)
      const { encoding, flag, signal } = optionsArgument<FileOptions>(options)
      const text = encodingArgument(encoding, 'buffer')
      signal?.throwIfAborted()
      const bytes = await readWhole(drive, pathArgument(file), { flags: openFlags(flag), signal })
      return text === 'buffer' ? bytes : bytes.toString(text)
    },
    async writeFile(file: PathLike | FileHandle, data: unknown, options?: unknown) {
      await write(file, data, options, 'w')
    },
    async appendFile(file: PathLike | FileHandle, data: unknown, options?: unknown) {
      await write(file, data, options, 'a')
    },
    async truncate(path: PathLike, length?: unknown, options?: unknown) {
      const forgetting = previousArgument(options)
      const size = length === undefined || length === null ? 0 : integerArgument(length, 'len', -1)
      const file = await openFile(drive, pathArgument(path), openFlags('r+'), 0o666)
      try {
        await file.truncate(size, forgetting)
      } finally {
        await file.close()
      }
      await drive.settle(forgetting)
    },
    async copyFile(from: PathLike, to: PathLike, mode: unknown = 0, options?: unknown) {
      const forgetting = previousArgument(options)
      const flags = integerArgument(mode, 'mode')
      if (flags > COPY_FLAGS) throw outOfRange('mode', `>= 0 && <= ${COPY_FLAGS}`, flags)
      const [source, target] = [pathArgument(from), pathArgument(to)]
      await copyWhole(drive, source, target, { mode: flags, ...forgetting })
      await drive.settle(forgetting)
    },
  }
}
