import { getSystemErrorMap } from 'node:util'

/** Which call fails, as Node names it, and the paths that it was given. */
export interface Call {
  readonly syscall: string
  readonly path?: string | undefined
  readonly dest?: string | undefined
}

interface Known {
  readonly errno: number
  readonly description: string
}

const known = new Map<string, Known>()
for (const [errno, [code, description]] of getSystemErrorMap()) {
  known.set(code, { errno, description })
}

/** The error that Node throws for a failed system call: `code`, `errno`, `syscall`, `path`, `dest`. */
export function errnoError(code: string, call: Call, cause?: unknown): NodeJS.ErrnoException {
  const { errno, description } = known.get(code) ?? { errno: -1, description: 'unknown error' }
  const { syscall, path, dest } = call
  const from = path === undefined ? '' : ` '${path}'`
  const to = dest === undefined ? '' : ` -> '${dest}'`
  const options = cause === undefined ? undefined : { cause }
  const error = new Error(`${code}: ${description}, ${syscall}${from}${to}`, options)
  return Object.assign(error, {
    errno,
    code,
    syscall,
    ...(path === undefined ? {} : { path }),
    ...(dest === undefined ? {} : { dest }),
  })
}

/** Whether `error` is of one of the codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes(String((error as { code?: unknown } | null | undefined)?.code))
}
