/** One thing that is wrong with a value or a definition, and where. */
export interface Problem {
  /** Field names and list positions from the outermost in; empty for the whole. */
  readonly path: readonly (string | number)[]
  /** What was expected and what kind of thing is there; never the value itself, which may be a secret. */
  readonly message: string
}

/** How many problems are listed before a search for them stops. */
export const PROBLEMS_MAX = 100

/** How much of a key is shown in a message; the problem's path has all of it. */
const KEY_SHOWN_MAX = 256

/** A walk through a value that notes what is wrong on the way. */
export class Inspection {
  readonly problems: Problem[] = []
  readonly #path: (string | number)[] = []
  readonly #limit: number

  constructor(limit = PROBLEMS_MAX) {
    this.#limit = limit
  }

  /** Whether so much is wrong that looking on is of no use. */
  get isFull(): boolean {
    return this.problems.length >= this.#limit
  }

  /** What is noted until {@link leave} lies under `key`. */
  enter(key: string | number): void {
    this.#path.push(key)
  }

  leave(): void {
    this.#path.pop()
  }

  /** Notes that something is wrong here. */
  note(message: string): void {
    if (!this.isFull) this.problems.push({ path: [...this.#path], message })
  }

  /** Notes that something other than `expected` is here. */
  expected(expected: string, actual: unknown): void {
    this.note(`expected ${expected}, got ${nameOfType(actual)}`)
  }
}

/** A path in the way a program would write it: `stops[2].celsius`. */
export function pathText(path: readonly (string | number)[]): string {
  let text = ''
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`
    else if (key.length > KEY_SHOWN_MAX) text += `[${JSON.stringify(key.slice(0, KEY_SHOWN_MAX))}…]`
    else if (/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)) text += text === '' ? key : `.${key}`
    else text += `[${JSON.stringify(key)}]`
  }
  return text
}

/** The first problems in one line: `celsius: expected a number, got text; and 2 more`. */
export function problemsText(problems: readonly Problem[], shown = 3): string {
  const lines = problems.slice(0, shown).map(({ path, message }) => {
    return path.length === 0 ? message : `${pathText(path)}: ${message}`
  })
  if (problems.length > shown) lines.push(`and ${problems.length - shown} more`)
  return lines.join('; ')
}

function nameOfType(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (value instanceof Uint8Array) return 'bytes'
  if (value instanceof Date) return 'a Date'
  switch (typeof value) {
    case 'string':
      return 'a text'
    case 'number':
      return Number.isNaN(value) ? 'NaN' : 'a number'
    case 'bigint':
      return 'a bigint'
    case 'boolean':
      return 'a boolean'
    case 'object':
      return 'an object'
    default:
      return `a ${typeof value}`
  }
}
