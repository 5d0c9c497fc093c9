import { constants } from 'node:fs'
import { type Drive, type FoundEntry, leadsToLink } from './drive.ts'
import { type Call, errnoError } from './errno-error.ts'
import type { InodeId } from './fs-key.ts'
import { type Inode, isDirectory } from './inode.ts'
import { type BigIntStats, type Stats, statsOf } from './stats.ts'
import { pathOf } from './walk.ts'

const PERMISSIONS = 0o7777
const EXECUTABLE = 0o111

/** What is asked of a path whose end may be a symbolic link. */
export interface Follow {
  readonly follow: boolean
}

/** Reads and changes what an inode says, by path. */
export class Metadata {
  readonly #drive: Drive

  constructor(drive: Drive) {
    this.#drive = drive
  }

  async stat(
    path: string,
    { follow, bigint }: Follow & { readonly bigint: boolean },
  ): Promise<Stats | BigIntStats> {
    const call = { syscall: follow ? 'stat' : 'lstat', path }
    const { id, inode } = await this.#inode(path, call, follow)
    return statsOf(id, inode, bigint)
  }

  /** Modes are kept, not enforced, as for the superuser: what nobody may execute cannot be executed. */
  async access(path: string, mode: number): Promise<void> {
    const call = { syscall: 'access', path }
    const { inode } = await this.#inode(path, call, true)
    const isWrite = (mode & constants.W_OK) !== 0
    if (isWrite && !this.#drive.writable) throw errnoError('EROFS', call)
    const isExecutable = isDirectory(inode) || (inode.mode & EXECUTABLE) !== 0
    if ((mode & constants.X_OK) !== 0 && !isExecutable) throw errnoError('EACCES', call)
  }

  async readlink(path: string): Promise<string> {
    const call = { syscall: 'readlink', path }
    return this.#drive.read(async (tree) => {
      const found = await this.#drive.find(tree, path, call, { follow: false })
      if (!leadsToLink(found)) throw errnoError('EINVAL', call)
      const inode = await tree.inode(found.entry)
      if (inode === undefined) throw errnoError('ENOENT', call)
      return inode.target
    })
  }

  realpath(path: string): Promise<string> {
    const call = { syscall: 'realpath', path }
    return this.#drive.read(async (tree) => pathOf(await this.#drive.find(tree, path, call)))
  }

  chmod(path: string, mode: number): Promise<void> {
    const call = { syscall: 'chmod', path }
    return this.#change(path, call, true, (inode) => ({ mode: withPermissions(inode, mode) }))
  }

  chown(path: string, uid: number, gid: number, { follow }: Follow): Promise<void> {
    const call = { syscall: follow ? 'chown' : 'lchown', path }
    return this.#change(path, call, follow, (inode) => withOwner(inode, uid, gid))
  }

  utimes(path: string, atimeMs: number, mtimeMs: number, { follow }: Follow): Promise<void> {
    const call = { syscall: follow ? 'utime' : 'lutime', path }
    return this.#change(path, call, follow, () => ({ atimeMs, mtimeMs }))
  }

  #inode(
    path: string,
    call: Call,
    follow: boolean,
  ): Promise<{ readonly id: InodeId; readonly inode: Inode }> {
    return this.#drive.read(async (tree) => {
      const { entry }: FoundEntry = await this.#drive.find(tree, path, call, { follow })
      const inode = await tree.inode(entry)
      if (inode === undefined) throw errnoError('ENOENT', call)
      return { id: entry, inode }
    })
  }

  #change(
    path: string,
    call: Call,
    follow: boolean,
    changed: (inode: Inode) => Partial<Inode>,
  ): Promise<void> {
    return this.#drive.edit(call, async (edit) => {
      const { entry } = await this.#drive.find(edit, path, call, { follow })
      await edit.change(entry, (inode) => ({ ctimeMs: edit.now, ...changed(inode) }))
    })
  }
}

/** The mode of a file with other permissions. */
export function withPermissions({ mode }: Inode, permissions: number): number {
  return (mode & ~PERMISSIONS) | (permissions & PERMISSIONS)
}

/** Another owner and group; −1 leaves as it is. */
export function withOwner(inode: Inode, uid: number, gid: number): Partial<Inode> {
  const isKept = (id: number) => id === -1 || id === 0xffff_ffff
  return { uid: isKept(uid) ? inode.uid : uid, gid: isKept(gid) ? inode.gid : gid }
}
