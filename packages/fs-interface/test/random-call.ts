import { constants } from 'node:fs'
import type { Random } from '@datagram/fault-harness'

const NAMES = ['a', 'b', 'c', 'ü', 'x y']
const TARGETS = ['a', 'b', 'a/b', 'c/ü', 'nowhere', 'b/']
const FLAGS = ['r', 'r+', 'w', 'w+', 'wx', 'a', 'a+', 'ax', 'wx+']
const SIZES = [0, 1, 100, 1500, 9000, 70_000, 300_000]

/** One call: the same is made on both. */
export interface RandomCall {
  readonly name: string
  readonly args: readonly unknown[]
}

/** Draws calls that change or read files, on few names, so that they meet. */
export class RandomCalls {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  next(): RandomCall {
    const kinds = Object.entries(this.#kinds())
    const weighted = kinds.flatMap(([name, { weight }]) => Array<string>(weight).fill(name))
    const name = this.#random.pick(weighted)
    const kind = this.#kinds()[name]
    return { name, args: kind?.args() ?? [] }
  }

  /** Of an open file. */
  nextOfHandle(): RandomCall {
    const random = this.#random
    const position = () => random.pick([null, null, 0, 1, random.between(0, 400_000)])
    const calls: RandomCall[] = [
      { name: 'write', args: [this.#bytes(), 0, null, position()] },
      { name: 'write', args: [this.#bytes(), 0, null, position()] },
      { name: 'writev', args: [[this.#bytes(), this.#bytes()], position()] },
      { name: 'readAt', args: [random.between(0, 100_000), position()] },
      { name: 'truncate', args: [random.pick(SIZES) + random.between(0, 3)] },
      { name: 'stat', args: [] },
      { name: 'chmod', args: [this.#mode()] },
      { name: 'utimes', args: [this.#time(), this.#time()] },
      { name: 'appendFile', args: [this.#bytes()] },
      { name: 'writeFile', args: [this.#bytes()] },
      { name: 'readFile', args: [] },
      { name: 'sync', args: [] },
      { name: 'datasync', args: [] },
    ]
    return random.pick(calls)
  }

  #kinds(): Record<string, { readonly weight: number; readonly args: () => unknown[] }> {
    const random = this.#random
    const path = () => this.#path()
    const flag = () => ({ flag: random.pick(FLAGS) })
    return {
      writeFile: {
        weight: 8,
        args: () => [path(), this.#bytes(), random.chance(0.2) ? flag() : {}],
      },
      appendFile: { weight: 3, args: () => [path(), this.#bytes()] },
      readFile: { weight: 5, args: () => [path(), random.chance(0.1) ? flag() : {}] },
      mkdir: {
        weight: 8,
        args: () => [path(), { recursive: random.chance(0.4), mode: this.#mode() }],
      },
      rmdir: { weight: 2, args: () => [path()] },
      unlink: { weight: 3, args: () => [path()] },
      rm: {
        weight: 2,
        args: () => [path(), { recursive: random.chance(0.4), force: random.chance(0.4) }],
      },
      rename: { weight: 8, args: () => [path(), path()] },
      link: { weight: 4, args: () => [path(), path()] },
      symlink: { weight: 4, args: () => [random.pick(TARGETS), path()] },
      readlink: { weight: 2, args: () => [path()] },
      realpath: { weight: 2, args: () => [path()] },
      stat: { weight: 3, args: () => [path()] },
      lstat: { weight: 3, args: () => [path()] },
      access: { weight: 2, args: () => [path(), random.pick([0, constants.W_OK, constants.X_OK])] },
      chmod: { weight: 2, args: () => [path(), this.#mode()] },
      chown: { weight: 1, args: () => [path(), ...this.#owner()] },
      lchown: { weight: 1, args: () => [path(), ...this.#owner()] },
      utimes: { weight: 2, args: () => [path(), this.#time(), this.#time()] },
      lutimes: { weight: 2, args: () => [path(), this.#time(), this.#time()] },
      truncate: { weight: 3, args: () => [path(), random.pick(SIZES) + random.between(0, 3)] },
      copyFile: { weight: 3, args: () => [path(), path(), random.pick([0, 0, 1])] },
      cp: {
        weight: 2,
        args: () => [path(), path(), this.#copyOptions()],
      },
      readdir: { weight: 3, args: () => [path()] },
      open: { weight: 6, args: () => [path(), random.pick(FLAGS), this.#mode()] },
    }
  }

  #path(): string {
    const random = this.#random
    if (random.chance(0.01)) return random.pick(['', '/a/./b'])
    const names = Array.from({ length: random.pick([1, 1, 2, 2, 3]) }, () => random.pick(NAMES))
    if (random.chance(0.03)) names.splice(1, 0, '..', random.pick(NAMES))
    return `/${names.join('/')}${random.chance(0.04) ? '/' : ''}`
  }

  #bytes(): Buffer {
    const bytes = Buffer.alloc(this.#random.pick(SIZES), this.#random.between(1, 256))
    return bytes
  }

  // Links as they are: Node would put the path of its folder into them.
  #copyOptions(): object {
    const random = this.#random
    const [recursive, force] = [random.chance(0.8), random.chance()]
    return { recursive, force, verbatimSymlinks: true, preserveTimestamps: random.chance() }
  }

  // Never without the owner's rights: the tests need not run as the superuser.
  #mode(): number {
    return 0o700 | this.#random.between(0, 0o100)
  }

  #time(): number {
    return this.#random.between(0, 2_000_000_000)
  }

  #owner(): [number, number] {
    return [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  }
}
