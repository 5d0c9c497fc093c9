import assert from 'node:assert'
import type { FileHandle } from 'node:fs/promises'
import nodefs from 'node:fs'
import { type Random, seededRun, temporaryFolder } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { type RandomCall, RandomCalls } from './random-call.ts'
import { rootedFs } from './rooted-fs.ts'
import { temporaryFs } from './temporary-fs.ts'

type Calls = typeof nodefs.promises
type Handle = FileHandle & { readAt?: undefined }

const OPERATIONS = 5000
const HANDLES_MAX = 6
// The same calls in every run, others where time is given to look for more.
const isFixed =
  process.env['DATAGRAM_TEST_SEED'] === undefined && process.env['DATAGRAM_SOAK'] === undefined
const seedOptions = isFixed ? { seed: 3_331_735_934 } : {}

/** What a call came to, in a form that can be compared. */
async function outcome(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return { value: comparable(await work()) }
  } catch (error) {
    const { code, errno, syscall, path, dest, message } = error as NodeJS.ErrnoException & {
      dest?: string
    }
    return { error: { code, errno, syscall, path, dest, message } }
  }
}

// Times that were not set, inode numbers and what a directory takes differ between any two file systems.
function comparable(value: unknown): unknown {
  if (
    value instanceof nodefs.Stats ||
    (typeof value === 'object' && value !== null && 'ino' in value)
  ) {
    const { mode, nlink, size, uid, gid } = value as nodefs.Stats
    const isDirectory = (mode & nodefs.constants.S_IFMT) === nodefs.constants.S_IFDIR
    return isDirectory ? { mode, uid, gid } : { mode, nlink, size, uid, gid }
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
  if (Array.isArray(value)) return [...value].sort()
  return value
}

// `cp` of Node looks at both paths at a time: which of them it complains of is chance. And what `mkdir` with
// `recursive` says of a link on its way that leads nowhere differs from version to version of Node.
function withoutRaces({ name, args }: RandomCall, result: unknown): unknown {
  const { error } = result as { readonly error?: NodeJS.ErrnoException }
  if (error === undefined) return result
  const isMkdirAll = name === 'mkdir' && (args[1] as { recursive: boolean }).recursive
  // `cp` makes the directories before its target in the same way.
  const isOfCopy = name === 'cp' && ['lstat', 'mkdir'].includes(error.syscall ?? '')
  if (isMkdirAll || isOfCopy) return { error: error.syscall }
  return result
}

function run(calls: Calls, { name, args }: RandomCall): Promise<unknown> {
  return (calls[name as 'stat'] as (...args: readonly unknown[]) => Promise<unknown>)(...args)
}

async function runOnHandle(handle: Handle, { name, args }: RandomCall): Promise<unknown> {
  if (name === 'readAt') {
    const [length, position] = args as [number, number | null]
    const buffer = Buffer.alloc(length)
    const { bytesRead } = await handle.read(buffer, 0, length, position)
    return [bytesRead, buffer.toString('latin1', 0, bytesRead)]
  }
  const method = handle[name as 'stat'] as (...args: readonly unknown[]) => Promise<unknown>
  const result = (await method.apply(handle, [...args])) as { bytesWritten?: number } | undefined
  return result?.bytesWritten ?? result
}

/** Everything that there is: types, modes, links, sizes, contents, and times that were set. */
async function picture(calls: Calls): Promise<Record<string, unknown>> {
  const all: Record<string, unknown> = {}
  const visit = async (at: string): Promise<void> => {
    const stats = await calls.lstat(at)
    const inner = at === '/' ? '' : at
    if (stats.isDirectory()) {
      all[at] = { mode: stats.mode }
      for (const name of (await calls.readdir(at)).sort()) await visit(`${inner}/${name}`)
      return
    }
    const content = stats.isSymbolicLink()
      ? await calls.readlink(at)
      : (await calls.readFile(at)).toString('latin1')
    const { mode, nlink, size, mtimeMs } = stats
    // Far from now: it was set.
    const time = Math.abs(mtimeMs - Date.now()) > 86_400_000 ? mtimeMs : 'now'
    all[at] = { mode, nlink, size, time, content }
  }
  await visit('/')
  return all
}

class Comparison {
  readonly #ours: Calls
  readonly #theirs: Calls
  readonly #random: Random
  readonly #calls: RandomCalls
  readonly #handles: (readonly [Handle, Handle])[] = []
  readonly #done: string[] = []

  constructor(ours: Calls, theirs: Calls, random: Random) {
    this.#ours = ours
    this.#theirs = theirs
    this.#random = random
    this.#calls = new RandomCalls(random)
  }

  async step(): Promise<void> {
    const pair = this.#handles.length > 0 ? this.#random.pick(this.#handles) : undefined
    if (pair !== undefined && this.#random.chance(0.35)) return this.#stepOfHandle(pair)
    const call = this.#calls.next()
    if (await this.#isLeftOut(call)) return
    const opened: [Handle?, Handle?] = []
    const of = (calls: Calls, side: 0 | 1) => async () => {
      const result = await run(calls, call)
      if (call.name !== 'open') return result
      opened[side] = result as Handle
      return 'open'
    }
    await this.#same(call, of(this.#ours, 0), of(this.#theirs, 1))
    const [ours, theirs] = opened
    if (ours !== undefined && theirs !== undefined) this.#handles.push([ours, theirs])
    if (this.#handles.length > HANDLES_MAX) await this.#close(this.#handles.shift())
  }

  async closeAll(): Promise<void> {
    while (this.#handles.length > 0) await this.#close(this.#handles.pop())
  }

  // Node deletes the target of a copyFile whose source is a directory; here it stays. A cp into what is there
  // may stop in the middle, and how far it comes is a matter of the order in which names are read.
  async #isLeftOut({ name, args }: RandomCall): Promise<boolean> {
    const [from, to] = args as [string, string]
    if (name !== 'copyFile' && name !== 'cp') return false
    const source = await this.#theirs.stat(from).catch(() => undefined)
    const target = await this.#theirs.lstat(to).catch(() => undefined)
    if (name === 'copyFile') return source?.isDirectory() === true
    return target !== undefined && source?.isFile() !== true
  }

  async #stepOfHandle(pair: readonly [Handle, Handle]): Promise<void> {
    if (this.#random.chance(0.1)) {
      this.#handles.splice(this.#handles.indexOf(pair), 1)
      return this.#close(pair)
    }
    const call = this.#calls.nextOfHandle()
    const [ours, theirs] = pair
    await this.#same(
      call,
      () => runOnHandle(ours, call),
      () => runOnHandle(theirs, call),
    )
  }

  async #close(pair: readonly [Handle, Handle] | undefined): Promise<void> {
    await pair?.[0].close()
    await pair?.[1].close()
  }

  async #same(
    call: RandomCall,
    ours: () => Promise<unknown>,
    theirs: () => Promise<unknown>,
  ): Promise<void> {
    const args = call.args.map((arg) => (arg instanceof Uint8Array ? `${arg.length} bytes` : arg))
    this.#done.push(`${call.name}(${JSON.stringify(args).slice(1, -1).slice(0, 120)})`)
    const expected = withoutRaces(call, await outcome(theirs))
    const result = withoutRaces(call, await outcome(ours))
    assert.deepEqual(result, expected, `after ${this.#done.slice(-12).join('\n')}`)
  }
}

describe('the same random calls', () => {
  it('come to the same here and on node:fs, with files held open', { timeout: 300_000 }, () =>
    seededRun(async (random) => {
      process.stdout.write(`differential seed: ${random.seed}\n`)
      const { promises: ours } = await temporaryFs()
      const folder = await temporaryFolder()
      try {
        await nodefs.promises.chmod(folder.path, 0o755)
        const theirs = rootedFs(folder.path)
        const comparison = new Comparison(ours, theirs, random)
        for (let i = 0; i < OPERATIONS; i++) await comparison.step()
        await comparison.closeAll()
        expect(await picture(ours)).toEqual(await picture(theirs))
      } finally {
        await folder[Symbol.asyncDispose]()
      }
    }, seedOptions),
  )
})
