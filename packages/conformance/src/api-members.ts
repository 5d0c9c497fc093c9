/** One member of an API: a method, a getter, or one of a part of it. */
export interface ApiMember {
  /** `get`, `redis.hset`, … */
  readonly path: string
  /** Reads it and, if it is a method, calls it without arguments. */
  readonly use: () => unknown
}

// Parts of parts of parts are found by their own name only; no API needs more.
const DEPTH_MAX = 3
const leftOut: ReadonlySet<PropertyKey> = new Set<PropertyKey>([
  'constructor',
  'close',
  Symbol.dispose,
  Symbol.asyncDispose,
])

/** Every member of an open API: own and inherited, methods, getters and those of its parts. */
export function apiMembers(api: object, prefix = '', depth = 1): ApiMember[] {
  const members: ApiMember[] = []
  for (const key of keysOf(api)) {
    const path = `${prefix}${String(key)}`
    const member: unknown = Reflect.get(api, key)
    const isMethod = typeof member === 'function'
    members.push({
      path,
      use: () => {
        const current: unknown = isMethod ? member : Reflect.get(api, key)
        return typeof current === 'function' ? current.call(api) : current
      },
    })
    if (isPart(member) && depth < DEPTH_MAX) {
      members.push(...apiMembers(member, `${path}.`, depth + 1))
    }
  }
  return members
}

function keysOf(api: object): PropertyKey[] {
  const keys = new Set<PropertyKey>()
  for (
    let owner: object | null = api;
    owner !== null && owner !== Object.prototype;
    owner = Object.getPrototypeOf(owner)
  ) {
    for (const key of Reflect.ownKeys(owner)) if (!leftOut.has(key)) keys.add(key)
  }
  return [...keys]
}

function isPart(member: unknown): member is object {
  return Object.prototype.toString.call(member) === '[object Object]'
}
