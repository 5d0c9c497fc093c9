import nodefs from 'node:fs'
import path from 'node:path'

type Calls = typeof nodefs.promises
type AnyCall = (...args: unknown[]) => Promise<unknown>

// Which arguments are paths; the target of a symbolic link is kept as it is.
const pathArguments: Readonly<Record<string, readonly number[]>> = {
  rename: [0, 1],
  link: [0, 1],
  copyFile: [0, 1],
  cp: [0, 1],
  symlink: [1],
}

/** The promises of `node:fs` with a folder as their root: what ours are compared with. */
export function rootedFs(root: string): Calls {
  const rooted = Object.entries(nodefs.promises).map(([name, call]) => {
    if (typeof call !== 'function') return [name, call]
    return [name, (...args: unknown[]) => within(root, name, call as AnyCall, args)]
  })
  return Object.fromEntries(rooted) as Calls
}

async function within(
  root: string,
  name: string,
  call: AnyCall,
  args: unknown[],
): Promise<unknown> {
  const places = pathArguments[name] ?? [0]
  const given = args.map((arg, i) => {
    return places.includes(i) && typeof arg === 'string' ? inside(root, arg) : arg
  })
  try {
    return unrooted(root, await call(...given))
  } catch (error) {
    throw unrootedError(root, error)
  }
}

// By hand, as the path must keep its dots and its last slash.
function inside(root: string, at: string): string {
  return at === '' ? at : root + (at.startsWith('/') ? at : `/${at}`)
}

function unrooted(root: string, value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith(root)) return value
  return value.slice(root.length) || '/'
}

function unrootedError(root: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error
  error.message = error.message.replaceAll(`${root}${path.sep}`, '/').replaceAll(root, '/')
  for (const field of ['path', 'dest'] as const) {
    const errno: NodeJS.ErrnoException & { dest?: string } = error
    const value = errno[field]
    if (typeof value === 'string') errno[field] = unrooted(root, value) as string
  }
  return error
}
