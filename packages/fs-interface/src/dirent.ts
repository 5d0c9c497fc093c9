import { constants } from 'node:fs'
import { typeOf } from './inode.ts'

/** Name and type of an entry of a directory, as `fs.Dirent` of Node has it. */
export class Dirent<Name extends string | Buffer = string> {
  readonly name: Name
  /** The directory, as it was asked for. */
  readonly parentPath: string
  /** The same, under its former name. */
  readonly path: string
  readonly #type: number

  constructor(name: Name, parentPath: string, mode: number) {
    this.name = name
    this.parentPath = parentPath
    this.path = parentPath
    this.#type = typeOf(mode)
  }

  isFile(): boolean {
    return this.#type === constants.S_IFREG
  }

  isDirectory(): boolean {
    return this.#type === constants.S_IFDIR
  }

  isSymbolicLink(): boolean {
    return this.#type === constants.S_IFLNK
  }

  isFIFO(): boolean {
    return false
  }

  isSocket(): boolean {
    return false
  }

  isBlockDevice(): boolean {
    return false
  }

  isCharacterDevice(): boolean {
    return false
  }
}
