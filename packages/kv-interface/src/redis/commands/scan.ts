import type { Bucket, SubEntry } from '../bucket.ts'
import type { Call } from '../call.ts'
import { decodeField, memberOf } from '../collection.ts'
import { type Command, plain, reads } from '../command.ts'
import { globMatches } from '../glob.ts'
import { getUint32, putUint32 } from '../key-part.ts'
import { keyOfEntry } from '../keyspace.ts'
import { HASH, type Meta, SET, typeNames, type TypeNumber, ZSET } from '../meta.ts'
import { integerArgument } from '../number-text.ts'
import { redisError, syntaxError } from '../redis-error.ts'
import { Double, type Reply } from '../reply.ts'
import { MEMBERS, memberOfZset } from '../sorted-set.ts'
import { wordOf } from './argument.ts'

type Args = readonly Uint8Array[]

const COUNT_DEFAULT = 10
// Collections up to this size are told at once.
const WHOLE_MAX = 128
const CURSOR_MAX = 0xffffffff

interface ScanOptions {
  readonly cursor: number
  readonly count: number
  readonly pattern: Uint8Array | undefined
  readonly type: string | undefined
}

function scanOptions(args: Args, takesType: boolean): ScanOptions {
  const text = Buffer.from(args[0] as Uint8Array).toString('latin1')
  if (!/^\d{1,20}$/.test(text)) throw redisError('ERR invalid cursor')
  let count = COUNT_DEFAULT
  let pattern: Uint8Array | undefined
  let type: string | undefined
  for (let i = 1; i < args.length; i += 2) {
    const word = wordOf(args[i])
    if (i + 1 >= args.length) throw syntaxError()
    if (word === 'COUNT') {
      count = integerArgument(args[i + 1])
      if (count < 1) throw syntaxError()
    } else if (word === 'MATCH') pattern = args[i + 1]
    else if (word === 'TYPE' && takesType) type = wordOf(args[i + 1]).toLowerCase()
    else throw syntaxError()
  }
  return { cursor: Number(text), count, pattern, type }
}

/**
 * Entries from a cursor on, and the next cursor. Entries lie in the order of a hash, and a cursor is a place
 * in it: so it stays good whatever is written, and nothing is kept for it. Those of one hash come together.
 */
function page(
  call: Call,
  bucket: Bucket,
  { cursor, count, prefix }: { cursor: number; count: number; prefix: number | undefined },
): { entries: SubEntry[]; next: number } {
  if (cursor > CURSOR_MAX) return { entries: [], next: 0 }
  const at = prefix === undefined ? 0 : 1
  const place = (hash: number) => {
    const sub = new Uint8Array(at + 4)
    if (prefix !== undefined) sub[0] = prefix
    putUint32(sub, at, hash)
    return sub
  }
  const end = prefix === undefined ? undefined : new Uint8Array([prefix + 1])
  const entries = call.space.range(bucket, { gte: place(cursor), lt: end, limit: count })
  if (entries.length < count) return { entries, next: 0 }
  const last = getUint32((entries.at(-1) as SubEntry)[0], at)
  if (last === CURSOR_MAX) {
    return { entries: call.space.range(bucket, { gte: place(cursor), lt: end }), next: 0 }
  }
  const whole = call.space.range(bucket, { gte: place(cursor), lt: place(last + 1) })
  return { entries: whole, next: last + 1 }
}

function scan(call: Call, args: Args): Reply {
  const { cursor, count, pattern, type } = scanOptions(args, true)
  const { bucket, id } = call.keyspace.databases.get(call.db)
  if (id === 0) return ['0', []]
  const { entries, next } = page(call, bucket, { cursor, count, prefix: undefined })
  const keys: Uint8Array[] = []
  for (const entry of entries) {
    const { key, meta } = keyOfEntry(...entry)
    if (pattern !== undefined && !globMatches(pattern, key)) continue
    if (type !== undefined && typeNames[meta.type] !== type) continue
    // Looking takes away what has expired.
    if (call.find(key) !== undefined) keys.push(key)
  }
  return [String(next), keys]
}

interface Kind {
  readonly type: TypeNumber
  readonly prefix: number | undefined
  readonly tell: (entry: SubEntry) => readonly [name: Uint8Array, ...rest: Reply[]]
}

const kinds: Readonly<Record<string, Kind>> = {
  sscan: { type: SET, prefix: undefined, tell: (entry) => [memberOf(entry)] },
  hscan: {
    type: HASH,
    prefix: undefined,
    tell: (entry) => {
      const { field, value } = decodeField(entry)
      return [field, value]
    },
  },
  zscan: {
    type: ZSET,
    prefix: MEMBERS,
    tell: (entry) => {
      const { member, score } = memberOfZset(entry)
      return [member, new Double(score)]
    },
  },
}

function scans(name: string): Command['run'] {
  const { type, prefix, tell } = kinds[name] as Kind
  return (call, [key, ...args]) => {
    const { cursor, count, pattern } = scanOptions(args, false)
    const meta = call.findOf(key as Uint8Array, type)
    if (meta === undefined) return ['0', []]
    const { entries, next } = page(call, call.elements(meta), {
      cursor,
      count: isSmall(meta) ? WHOLE_MAX + 1 : count,
      prefix,
    })
    const told = entries
      .map(tell)
      .filter(([item]) => pattern === undefined || globMatches(pattern, item))
    // Scores are text here in both versions of the protocol.
    const items = told.flat().map((item) => (item instanceof Double ? String(item.value) : item))
    return [String(next), items]
  }
}

function isSmall(meta: Meta): boolean {
  return meta.count <= WHOLE_MAX
}

export const scanCommands: readonly Command[] = [
  plain('scan', -2, scan, { flags: ['readonly'] }),
  reads('sscan', -3, scans('sscan')),
  reads('hscan', -3, scans('hscan')),
  reads('zscan', -3, scans('zscan')),
]
