import b4a from 'b4a'
import type { Call } from '../call.ts'
import { entriesOf, memberOf } from '../collection.ts'
import { type Command, reads, writes } from '../command.ts'
import { nameOf } from '../key-part.ts'
import { List } from '../list.ts'
import { HASH, LIST, SET, STRING, ZSET } from '../meta.ts'
import { floatOf, integerArgument } from '../number-text.ts'
import { redisError, syntaxError, wrongType } from '../redis-error.ts'
import type { Reply } from '../reply.ts'
import { SortedSet } from '../sorted-set.ts'
import { wordOf } from './argument.ts'
import { fieldOf } from './hashes.ts'

type Args = readonly Uint8Array[]

interface SortOptions {
  by?: Uint8Array
  offset: number
  count: number
  gets: Uint8Array[]
  descending: boolean
  alpha: boolean
  store?: Uint8Array
}

interface Item {
  readonly element: Uint8Array
  readonly weight: number
  readonly text: Uint8Array | undefined
}

const STAR = 42

function sortOptions(args: Args, takesStore: boolean): SortOptions {
  const options: SortOptions = { offset: 0, count: -1, gets: [], descending: false, alpha: false }
  for (let i = 1; i < args.length; i++) {
    const word = wordOf(args[i])
    const left = args.length - i - 1
    if (word === 'ASC') options.descending = false
    else if (word === 'DESC') options.descending = true
    else if (word === 'ALPHA') options.alpha = true
    else if (word === 'LIMIT' && left >= 2) {
      options.offset = Math.max(0, integerArgument(args[++i]))
      options.count = integerArgument(args[++i])
    } else if (word === 'BY' && left >= 1) options.by = args[++i] as Uint8Array
    else if (word === 'GET' && left >= 1) options.gets.push(args[++i] as Uint8Array)
    else if (word === 'STORE' && left >= 1 && takesStore) options.store = args[++i] as Uint8Array
    else throw syntaxError()
  }
  return options
}

function elementsOf(call: Call, key: Uint8Array, { by, descending }: SortOptions): Uint8Array[] {
  const meta = call.find(key)
  if (meta === undefined) return []
  if (meta.type === LIST) return new List(call, key, meta).slice()
  if (meta.type === SET) return entriesOf(call, meta).map(memberOf)
  if (meta.type !== ZSET) throw wrongType()
  const isUnsorted = by !== undefined && !by.includes(STAR)
  const reverse = isUnsorted && descending
  return new SortedSet(call, key, meta).range({}, { reverse }).map(({ member }) => member)
}

/** What a pattern means for an element: `#` itself, `a*b` a string, `a*->f` a field; undefined: nothing. */
function lookUp(call: Call, pattern: Uint8Array, element: Uint8Array): Uint8Array | undefined {
  const text = nameOf(pattern)
  if (text === '#') return element
  const star = text.indexOf('*')
  if (star === -1) return undefined
  const arrow = text.indexOf('->', star + 1)
  const hasField = arrow !== -1 && arrow + 2 < text.length
  const end = hasField ? arrow : text.length
  const key = b4a.concat([pattern.subarray(0, star), element, pattern.subarray(star + 1, end)])
  const meta = call.find(key)
  if (!hasField) return meta?.type === STRING ? meta.value : undefined
  return meta?.type === HASH ? fieldOf(call, meta, pattern.subarray(arrow + 2))?.value : undefined
}

function itemOf(call: Call, element: Uint8Array, { by, alpha }: SortOptions): Item {
  const by_ = by === undefined ? element : lookUp(call, by, element)
  if (alpha) return { element, weight: 0, text: by_ }
  if (by_ === undefined) return { element, weight: 0, text: undefined }
  const weight = floatOf(nameOf(by_))
  if (weight === undefined) {
    throw redisError("ERR One or more scores can't be converted into double")
  }
  return { element, weight, text: undefined }
}

function compare(a: Item, b: Item, { alpha, by }: SortOptions): number {
  const byElement = () => Buffer.compare(a.element, b.element)
  if (!alpha) return a.weight === b.weight ? byElement() : a.weight - b.weight
  if (a.text === undefined || b.text === undefined) {
    const missing = (a.text === undefined ? 0 : 1) - (b.text === undefined ? 0 : 1)
    return missing === 0 ? byElement() : missing
  }
  const order = Buffer.compare(a.text, b.text)
  return order === 0 && by !== undefined ? byElement() : order
}

function sorted(call: Call, key: Uint8Array, options: SortOptions): Uint8Array[] {
  const elements = elementsOf(call, key, options)
  const { by, descending, offset, count } = options
  const isUnsorted = by !== undefined && !by.includes(STAR)
  // What is stored must not depend on where the elements of a set happen to lie.
  const isSet = call.find(key)?.type === SET
  const all =
    isUnsorted && !(isSet && options.store !== undefined)
      ? elements
      : elements
          .map((element) => itemOf(call, element, isUnsorted ? setOrder(options) : options))
          .sort((a, b) => compare(a, b, options) * (descending ? -1 : 1))
          .map(({ element }) => element)
  return all.slice(offset, count < 0 ? undefined : offset + count)
}

// The order of a set that is stored unsorted: that of its members.
function setOrder({ offset, count, gets, descending }: SortOptions): SortOptions {
  return { offset, count, gets, descending, alpha: true }
}

function sorts(takesStore: boolean): Command['run'] {
  return (call: Call, args: Args): Reply => {
    const options = sortOptions(args, takesStore)
    const elements = sorted(call, args[0] as Uint8Array, options)
    const { gets, store } = options
    const told =
      gets.length === 0
        ? elements
        : elements.flatMap((element) => gets.map((get) => lookUp(call, get, element) ?? null))
    if (store === undefined) return told
    return storeList(
      call,
      store,
      told.map((item) => item ?? new Uint8Array(0)),
    )
  }
}

function storeList(call: Call, key: Uint8Array, items: Args): number {
  const before = call.find(key)
  if (items.length === 0) {
    if (before !== undefined) {
      call.remove(key)
      call.changed('del', key)
    }
    return 0
  }
  const list = List.fresh(call, key)
  for (const item of items) list.push('right', item)
  call.replace(key, list.meta)
  call.changed('sortstore', key)
  return items.length
}

// The last STORE counts.
function sortKeys(args: Args): Args {
  const at = args.map((arg, i) => (i > 0 ? wordOf(arg) : '')).lastIndexOf('STORE')
  const target = at === -1 ? undefined : args[at + 1]
  return target === undefined ? args.slice(0, 1) : [args[0] as Uint8Array, target]
}

export const sortCommands: readonly Command[] = [
  writes('sort', -2, sorts(true), { flags: ['movablekeys'], keysOf: sortKeys }),
  reads('sort_ro', -2, sorts(false), { flags: ['movablekeys'] }),
]
