/** The list as it was given. Throws a TypeError for what is none, such as a single key; `of`: what is in it. */
export function listOf<T>(list: readonly T[], of: string): readonly T[] {
  if (Array.isArray(list)) return list
  throw new TypeError(`${of} are given as an array, not ${list === null ? 'null' : typeof list}`)
}
