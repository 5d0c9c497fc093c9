import type { Call } from '../call.ts'
import { decodeField, entriesOf, memberOf } from '../collection.ts'
import { type Command, plain, reads } from '../command.ts'
import { List } from '../list.ts'
import { HASH, LIST, type Meta, SET, STRING } from '../meta.ts'
import { int64Of } from '../number-text.ts'
import { noSuchKey } from '../redis-error.ts'
import type { Reply } from '../reply.ts'
import { SortedSet } from '../sorted-set.ts'

// Sizes at which Redis turns from its small encodings to the others, by default.
const EMBEDDED_BYTES_MAX = 44
const SMALL_BYTES_MAX = 64
const HASH_MAX = 512
const INTSET_MAX = 512
const SORTED_SET_MAX = 128
const LIST_BYTES_MAX = 8192

const isShort = (bytes: Uint8Array) => bytes.length <= SMALL_BYTES_MAX

// There are no such encodings here: it is what Redis would say of the same data.
function encodingOf(call: Call, key: Uint8Array, meta: Meta): string {
  const { type, value, count } = meta
  if (type === STRING) {
    if (int64Of(value) !== undefined) return 'int'
    return value.length <= EMBEDDED_BYTES_MAX ? 'embstr' : 'raw'
  }
  if (type === LIST) {
    const list = new List(call, key, meta)
    const bytes =
      count > LIST_BYTES_MAX ? Infinity : list.slice().reduce((sum, one) => sum + one.length, 0)
    return bytes > LIST_BYTES_MAX ? 'quicklist' : 'listpack'
  }
  if (type === SET) {
    const isIntegers = () =>
      entriesOf(call, meta).every((one) => int64Of(memberOf(one)) !== undefined)
    return count <= INTSET_MAX && isIntegers() ? 'intset' : 'hashtable'
  }
  if (type === HASH) {
    const fields = count <= HASH_MAX ? entriesOf(call, meta).map(decodeField) : undefined
    const isSmall = fields?.every((one) => isShort(one.field) && isShort(one.value)) === true
    return isSmall ? 'listpack' : 'hashtable'
  }
  const isSmall =
    count <= SORTED_SET_MAX &&
    new SortedSet(call, key, meta).range().every(({ member }) => isShort(member))
  return isSmall ? 'listpack' : 'skiplist'
}

const subcommand = (name: string, of: (call: Call, key: Uint8Array, meta: Meta) => Reply) =>
  [
    name,
    reads(
      `object|${name}`,
      3,
      (call, [key]) => {
        const meta = call.find(key as Uint8Array)
        if (meta === undefined) throw noSuchKey()
        return of(call, key as Uint8Array, meta)
      },
      { keys: [2, 2, 1] },
    ),
  ] as const

// When a key was used is not kept, nor how often.
const subcommands = new Map([
  subcommand('encoding', encodingOf),
  subcommand('refcount', () => 1),
  subcommand('idletime', () => 0),
  subcommand('freq', () => 0),
])

export const objectCommands: readonly Command[] = [
  plain('object', -2, () => null, { keys: [2, 2, 1], subcommands }),
]
