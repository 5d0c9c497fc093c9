import { promisify } from 'node:util'
import { pathArgument } from './argument.ts'
import type { DescriptorCalls } from './descriptor-calls.ts'
import type { PromiseCalls } from './promises.ts'
import { callbackOf, withCallback } from './with-callback.ts'

type Call = (...args: never[]) => Promise<unknown>
type CallbackCall = (...args: unknown[]) => void

// How many paths a call begins with: what is no path throws at once, as in Node, and not into the callback.
const paths: Readonly<Record<string, number>> = {
  rename: 2,
  link: 2,
  symlink: 2,
  copyFile: 2,
  cp: 2,
}

// What has no twin, or another one: Node has `lchmod` only where a link has a mode of its own.
const unpaired: ReadonlySet<string> = new Set(['constants', 'glob', 'open', 'lchmod', 'watch'])

/** The callback twins of the promise calls, and the calls on numbers of open files. */
export function callbackCalls(promises: PromiseCalls, calls: DescriptorCalls) {
  const twins = Object.entries(promises)
    .filter(([name]) => !unpaired.has(name))
    .map(([name, call]) => [name, twin(name, call as Call)])
  const ofDescriptors = Object.entries({
    open: (...args: unknown[]) => calls.open(args[0], args[1], args[2]),
    close: (fd: unknown) => calls.close(fd),
    fstat: (fd: unknown, options?: { readonly bigint?: boolean }) => calls.fstat(fd, options),
    ftruncate: (fd: unknown, length?: unknown) => calls.ftruncate(fd, length),
    fsync: (fd: unknown) => calls.fsync(fd),
    fdatasync: (fd: unknown) => calls.fdatasync(fd),
    fchmod: (fd: unknown, mode: unknown) => calls.fchmod(fd, mode),
    fchown: (fd: unknown, uid: number, gid: number) => calls.fchown(fd, uid, gid),
    futimes: (fd: unknown, atime: unknown, mtime: unknown) => calls.futimes(fd, atime, mtime),
  }).map(([name, call]) => [name, withCallback(call as CallOf)])
  const realpath = twin('realpath', promises.realpath)
  return {
    ...(Object.fromEntries([...twins, ...ofDescriptors]) as Record<string, CallbackCall>),
    ...transferCalls(calls),
    // The system's own call, of which Node has a slower twin: here both are one.
    realpath: Object.assign(realpath, { native: twin('realpath', promises.realpath) }),
    exists: existsCall(promises),
    glob: withCallback(async (pattern, options) => {
      const found: unknown[] = []
      for await (const one of promises.glob(pattern as string, options)) found.push(one)
      return found
    }),
  }
}

type CallOf = (...args: unknown[]) => Promise<unknown>

function twin(name: string, call: Call): CallbackCall {
  const promised = withCallback(call as CallOf)
  return (...args) => {
    callbackOf([...args])
    const count = paths[name] ?? 1
    // A number is an open file, where one may be given.
    for (const path of args.slice(0, count)) if (typeof path !== 'number') assertPath(path)
    promised(...args)
  }
}

function assertPath(path: unknown): void {
  // An open file of ours, which some calls take too.
  if (typeof path === 'object' && path !== null && 'fd' in path) return
  pathArgument(path as string)
}

// With more than one result: `util.promisify` gives an object of them.
function transferCalls(calls: DescriptorCalls) {
  const transfer = (call: CallOf, names: readonly [string, string]): CallbackCall => {
    const promised = async (...args: unknown[]) => {
      const results = (await call(...args)) as unknown[]
      return Object.fromEntries(names.map((name, i) => [name, results[i]]))
    }
    return Object.assign(withCallback(call, { spread: true }), { [promisify.custom]: promised })
  }
  return {
    read: transfer((fd, ...args) => calls.read(fd, ...args), ['bytesRead', 'buffer']),
    readv: transfer((fd, ...args) => calls.readv(fd, args[0], args[1]), ['bytesRead', 'buffers']),
    write: transfer((fd, ...args) => calls.write(fd, ...args), ['bytesWritten', 'buffer']),
    writev: transfer(
      (fd, ...args) => calls.writev(fd, args[0], args[1]),
      ['bytesWritten', 'buffers'],
    ),
  }
}

function existsCall(promises: PromiseCalls): CallbackCall {
  const exists = (path: unknown) =>
    promises.access(path as string).then(
      () => true,
      () => false,
    )
  const call: CallbackCall = (...args) => {
    const callback = callbackOf(args)
    void exists(args[0]).then((isThere) => process.nextTick(callback, isThere))
  }
  return Object.assign(call, { [promisify.custom]: exists })
}
