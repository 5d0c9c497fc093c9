import nodeFs from 'node:fs/promises'
import { pathArgument } from './argument.ts'
import { insideFiles, outsideFiles, type TreeCalls } from './held-directory.ts'
import { transferTree, type TreeOptions, type FolderProgress } from './tree-transfer.ts'

/** Options of `importFolder` and `exportFolder`. */
export interface FolderOptions extends TreeOptions {
  /** The directory here; default the root. It is made when it is not there and something is written to it. */
  readonly path?: string | undefined
}

/** Options of `mirror`. */
export interface MirrorOptions extends FolderOptions {
  /** `in`: the files here become those of the folder. `out`: the folder becomes what the files here are. */
  readonly direction: 'in' | 'out'
}

/** What carries trees between folders of this machine and files here. */
export interface FolderCalls {
  /**
   * Takes in the files below a folder of this machine: contents, permissions, times, and symbolic and hard links.
   * What is there already, as large and as old, is left alone, so that a call that was cut off goes on where it
   * ended; what else is there is replaced, file by file, and what only is here stays. Owners are not kept, and
   * pipes, sockets and devices are left out (`skipped`).
   *
   * Throws `EISDIR` and `ENOTDIR` where a directory meets something else, `EILSEQ` for a name that is no UTF-8,
   * `FS_TREE_CYCLE`, and what the calls of `node:fs` throw.
   */
  importFolder(folder: string, options?: FolderOptions): Promise<FolderProgress>
  /**
   * Writes files to a folder of this machine, as {@link importFolder} the other way round. Nothing is written
   * outside the folder, whatever names and links say: no link in it is followed, and names that lead elsewhere are
   * refused (`FS_NAME_REFUSED`). The set-user-ID and set-group-ID bits are not carried over.
   */
  exportFolder(folder: string, options?: FolderOptions): Promise<FolderProgress>
  /** Makes one side as the other is: copies what differs, and removes what the other side does not have. */
  mirror(folder: string, options: MirrorOptions): Promise<FolderProgress>
}

export function folderCalls(promises: TreeCalls): FolderCalls {
  const carry = async (
    direction: 'in' | 'out',
    folder: string,
    { path: here = '/', ...options }: FolderOptions,
    prune: boolean,
  ): Promise<FolderProgress> => {
    options.signal?.throwIfAborted()
    const outside = outsideFiles(pathArgument(folder))
    const inside = insideFiles(promises, pathArgument(here))
    const [from, to] = direction === 'in' ? [outside, inside] : [inside, outside]
    await (direction === 'in' ? promises : nodeFs).mkdir(to.shown, { recursive: true })
    return transferTree({ from, to }, { ...options, prune })
  }
  return {
    importFolder: async (folder, options = {}) => carry('in', folder, options, false),
    exportFolder: async (folder, options = {}) => carry('out', folder, options, false),
    mirror: async (folder, options) => {
      const { direction, ...rest } = options ?? {}
      if (direction === 'in' || direction === 'out') return carry(direction, folder, rest, true)
      throw new TypeError("direction is 'in' or 'out': mirror removes what only the other side has")
    },
  }
}
