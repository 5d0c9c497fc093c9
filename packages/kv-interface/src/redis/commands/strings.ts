import b4a from 'b4a'
import type { Call } from '../call.ts'
import { type Command, reads, writes } from '../command.ts'
import { expireTime, isExpireUnit } from '../expire-time.ts'
import { Meta, STRING } from '../meta.ts'
import { syntaxError, wrongArity, wrongType } from '../redis-error.ts'
import { OK, type Reply } from '../reply.ts'
import { wordOf } from './argument.ts'
import { assertLength } from './string-ranges.ts'

type Args = readonly Uint8Array[]

function get(call: Call, [key]: Args): Reply {
  return call.string(key as Uint8Array) ?? null
}

interface SetOptions {
  if?: 'NX' | 'XX'
  get?: boolean
  keepsTtl?: boolean
  expireAt?: number
}

function setOptions(call: Call, args: Args): SetOptions {
  const options: SetOptions = {}
  for (let i = 2; i < args.length; i++) {
    const word = wordOf(args[i])
    if ((word === 'NX' || word === 'XX') && options.if === undefined) options.if = word
    else if (word === 'GET') options.get = true
    else if (word === 'KEEPTTL' && options.expireAt === undefined) options.keepsTtl = true
    else if (isExpireUnit(word) && !options.keepsTtl && options.expireAt === undefined) {
      const time = { unit: word, now: call.now, name: 'set', mustBePositive: true }
      if (i + 1 >= args.length) throw syntaxError()
      options.expireAt = expireTime(args[++i], time)
    } else throw syntaxError()
  }
  return options
}

function set(call: Call, args: Args): Reply {
  const [key, value] = args as readonly [Uint8Array, Uint8Array]
  if (args.length === 2) {
    setString(call, key, value)
    return OK
  }
  const options = setOptions(call, args)
  const before = call.find(key)
  if (options.get && before !== undefined && before.type !== STRING) throw wrongType()
  const old = options.get ? (before?.value ?? null) : undefined
  const isThere = before !== undefined
  if ((options.if === 'NX' && isThere) || (options.if === 'XX' && !isThere)) return old ?? null
  const kept = options.keepsTtl ? (before?.expireAt ?? 0) : 0
  setString(call, key, value, options.expireAt ?? kept)
  if (options.expireAt !== undefined) call.changed('expire', key)
  return old === undefined ? OK : old
}

/** Sets a key to a string, whatever it held. */
function setString(call: Call, key: Uint8Array, value: Uint8Array, expireAt = 0): void {
  assertLength(value.length)
  call.find(key)
  call.replace(key, Meta.string(value, expireAt))
  call.changed('set', key)
}

function setnx(call: Call, [key, value]: Args): Reply {
  if (call.find(key as Uint8Array) !== undefined) return 0
  setString(call, key as Uint8Array, value as Uint8Array)
  return 1
}

function setWithTime(unit: 'EX' | 'PX', name: string): Command['run'] {
  return (call, [key, time, value]) => {
    const expireAt = expireTime(time, { unit, now: call.now, name, mustBePositive: true })
    setString(call, key as Uint8Array, value as Uint8Array, expireAt)
    call.changed('expire', key as Uint8Array)
    return OK
  }
}

function getset(call: Call, [key, value]: Args): Reply {
  const old = call.string(key as Uint8Array) ?? null
  setString(call, key as Uint8Array, value as Uint8Array)
  return old
}

function getdel(call: Call, [key]: Args): Reply {
  const value = call.string(key as Uint8Array)
  if (value === undefined) return null
  call.remove(key as Uint8Array)
  call.changed('del', key as Uint8Array)
  return value
}

function getex(call: Call, args: Args): Reply {
  const key = args[0] as Uint8Array
  const word = wordOf(args[1])
  const persists = word === 'PERSIST'
  if (
    args.length > 1 &&
    !(persists ? args.length === 2 : isExpireUnit(word) && args.length === 3)
  ) {
    throw syntaxError()
  }
  const meta = call.findOf(key, STRING)
  if (meta === undefined) return null
  if (persists) {
    if (meta.expireAt !== 0) {
      call.put(key, meta.expiring(0))
      call.changed('persist', key)
    }
  } else if (word !== '') {
    const time = { unit: word, now: call.now, name: 'getex', mustBePositive: true }
    const expireAt = expireTime(args[2], time)
    if (expireAt <= call.now) {
      call.remove(key)
      call.changed('del', key)
    } else {
      call.put(key, meta.expiring(expireAt))
      call.changed('expire', key)
    }
  }
  return meta.value
}

function mget(call: Call, keys: Args): Reply {
  return keys.map((key) => {
    const meta = call.find(key)
    return meta?.type === STRING ? meta.value : null
  })
}

function mset(call: Call, args: Args): Reply {
  if (args.length % 2 !== 0) throw wrongArity('mset')
  for (let i = 0; i < args.length; i += 2) {
    setString(call, args[i] as Uint8Array, args[i + 1] as Uint8Array)
  }
  return OK
}

function msetnx(call: Call, args: Args): Reply {
  if (args.length % 2 !== 0) throw wrongArity('msetnx')
  for (let i = 0; i < args.length; i += 2) {
    if (call.find(args[i] as Uint8Array) !== undefined) return 0
  }
  mset(call, args)
  return 1
}

function append(call: Call, [key, suffix]: Args): Reply {
  const meta = call.findOf(key as Uint8Array, STRING)
  const value = meta?.value ?? new Uint8Array(0)
  const joined = b4a.concat([value, suffix as Uint8Array])
  assertLength(joined.length)
  call.put(key as Uint8Array, Meta.string(joined, meta?.expireAt))
  call.changed('append', key as Uint8Array)
  return joined.length
}

function strlen(call: Call, [key]: Args): Reply {
  return call.string(key as Uint8Array)?.length ?? 0
}

const PAIRS = { keys: [1, -1, 2] } as const
const ALL = { keys: [1, -1, 1] } as const
const FAST = { flags: ['fast'] } as const

export const stringCommands: readonly Command[] = [
  reads('get', 2, get, FAST),
  writes('set', -3, set),
  writes('setnx', 3, setnx, FAST),
  writes('setex', 4, setWithTime('EX', 'setex')),
  writes('psetex', 4, setWithTime('PX', 'psetex')),
  writes('getset', 3, getset, FAST),
  writes('getdel', 2, getdel, FAST),
  writes('getex', -2, getex, FAST),
  reads('mget', -2, mget, { ...FAST, ...ALL }),
  writes('mset', -3, mset, PAIRS),
  writes('msetnx', -3, msetnx, PAIRS),
  writes('append', 3, append, FAST),
  reads('strlen', 2, strlen, FAST),
]
