import { DATABASES } from '../databases.ts'
import type { Call } from '../call.ts'
import { type Command, plain, reads, writes } from '../command.ts'
import { copyCollection } from '../collection-copy.ts'
import { keyOfEntry } from '../keyspace.ts'
import { globMatches } from '../glob.ts'
import { nameOf, putUint32 } from '../key-part.ts'
import { typeNames } from '../meta.ts'
import { integerArgument } from '../number-text.ts'
import { noSuchKey, notInteger, redisError, syntaxError } from '../redis-error.ts'
import { OK, type Reply, Status } from '../reply.ts'
import { wordOf } from './argument.ts'

type Args = readonly Uint8Array[]

// Entries that are looked at around a random place.
const RANDOM_WINDOW = 16
const RANDOM_TRIES = 100

function del(call: Call, keys: Args): Reply {
  let count = 0
  for (const key of keys) {
    if (call.find(key) === undefined) continue
    call.remove(key)
    call.changed('del', key)
    count++
  }
  return count
}

function exists(call: Call, keys: Args): Reply {
  return keys.filter((key) => call.find(key) !== undefined).length
}

function type(call: Call, [key]: Args): Reply {
  const meta = call.find(key as Uint8Array)
  return new Status(meta === undefined ? 'none' : typeNames[meta.type])
}

function rename(call: Call, [from, to]: Args): Reply {
  move(call, from as Uint8Array, to as Uint8Array)
  return OK
}

function renamenx(call: Call, [from, to]: Args): Reply {
  const meta = call.find(from as Uint8Array)
  if (meta === undefined) throw noSuchKey()
  if (call.find(to as Uint8Array) !== undefined) return 0
  move(call, from as Uint8Array, to as Uint8Array)
  return 1
}

function move(call: Call, from: Uint8Array, to: Uint8Array): void {
  const meta = call.find(from)
  if (meta === undefined) throw noSuchKey()
  if (nameOf(from) === nameOf(to)) return
  call.find(to)
  call.keyspace.remove(call.db, from, false)
  call.changed('rename_from', from)
  call.replace(to, meta)
  call.changed('rename_to', to)
}

/** A number of a database. Throws Redis' error when there is none. */
export function databaseNumber(bytes: Uint8Array | undefined, error = notInteger): number {
  const db = integerArgument(bytes, error)
  if (db < 0 || db >= DATABASES) throw redisError('ERR DB index is out of range')
  return db
}

function moveToDatabase(call: Call, [key, to]: Args): Reply {
  const target = databaseNumber(to)
  if (target === call.db) throw redisError('ERR source and destination objects are the same')
  const meta = call.find(key as Uint8Array)
  if (meta === undefined || call.find(key as Uint8Array, target) !== undefined) return 0
  call.keyspace.remove(call.db, key as Uint8Array, false)
  call.changed('move_from', key as Uint8Array)
  call.put(key as Uint8Array, meta, target)
  call.changed('move_to', key as Uint8Array, target)
  return 1
}

function copy(call: Call, args: Args): Reply {
  const [from, to] = args as readonly [Uint8Array, Uint8Array]
  let target = call.db
  let replaces = false
  for (let i = 2; i < args.length; i++) {
    const word = wordOf(args[i])
    if (word === 'REPLACE') replaces = true
    else if (word === 'DB' && i + 1 < args.length) target = databaseNumber(args[++i])
    else throw syntaxError()
  }
  if (target === call.db && nameOf(from) === nameOf(to)) {
    throw redisError('ERR source and destination objects are the same')
  }
  const meta = call.find(from)
  if (meta === undefined) return 0
  if (call.find(to, target) !== undefined && !replaces) return 0
  call.replace(to, copyCollection(call, meta), target)
  call.changed('copy_to', to, target)
  return 1
}

function keys(call: Call, [pattern]: Args): Reply {
  const { bucket, id } = call.keyspace.databases.get(call.db)
  if (id === 0) return []
  const found: Uint8Array[] = []
  for (const [sub, value] of call.space.range(bucket)) {
    const { key, meta } = keyOfEntry(sub, value)
    const isDue = meta.expireAt !== 0 && meta.expireAt <= call.now && call.engine.isWritable
    if (!isDue && globMatches(pattern as Uint8Array, key)) found.push(key)
  }
  return found
}

// Keys lie in the order of a hash, so a random place is near a random key.
function randomkey(call: Call): Reply {
  const { bucket, keys: count } = call.keyspace.databases.get(call.db)
  for (let tries = 0; tries < RANDOM_TRIES && count > 0; tries++) {
    const place = new Uint8Array(4)
    if (count > RANDOM_WINDOW) putUint32(place, 0, Math.floor(Math.random() * 0x100000000))
    let entries = call.space.range(bucket, { gte: place, limit: RANDOM_WINDOW })
    if (entries.length === 0) entries = call.space.range(bucket, { limit: RANDOM_WINDOW })
    const entry = entries[Math.floor(Math.random() * entries.length)]
    if (entry === undefined) return null
    const { key } = keyOfEntry(...entry)
    if (call.find(key) !== undefined) return key
  }
  return null
}

function dbsize(call: Call): Reply {
  return call.keyspace.databases.get(call.db).keys
}

function flushMode(args: Args): void {
  const word = wordOf(args[0])
  if (args.length > 1 || (args.length === 1 && word !== 'ASYNC' && word !== 'SYNC')) {
    throw syntaxError()
  }
}

function flush(call: Call, db: number): void {
  const { engine, keyspace } = call
  const watched = engine.watches.ofDatabase(db).filter((name) => {
    const key = Buffer.from(name.slice(name.indexOf('|') + 1), 'latin1')
    return keyspace.get(db, key) !== undefined
  })
  if (keyspace.flush(db) === 0) return
  call.effect(() => {
    for (const name of watched) engine.watches.changed(name)
  })
}

function flushdb(call: Call, args: Args): Reply {
  flushMode(args)
  flush(call, call.db)
  return OK
}

function flushall(call: Call, args: Args): Reply {
  flushMode(args)
  for (let db = 0; db < DATABASES; db++) flush(call, db)
  return OK
}

function swapdb(call: Call, [first, second]: Args): Reply {
  const invalid = (which: string) => () => redisError(`ERR invalid ${which} DB index`)
  const a = integerArgument(first, invalid('first'))
  const b = integerArgument(second, invalid('second'))
  if (Math.min(a, b) < 0 || Math.max(a, b) >= DATABASES) {
    throw redisError('ERR DB index is out of range')
  }
  const { engine, keyspace } = call
  const isThere = (name: string, db: number) =>
    keyspace.get(db, Buffer.from(name.slice(name.indexOf('|') + 1), 'latin1')) !== undefined
  const changed = [a, b].flatMap((db) =>
    engine.watches.ofDatabase(db).filter((name) => isThere(name, a) || isThere(name, b)),
  )
  keyspace.swap(a, b)
  for (const db of [a, b]) engine.blocked.readyDatabase(db)
  call.effect(() => {
    for (const name of changed) engine.watches.changed(name)
  })
  return OK
}

const ALL = { keys: [1, -1, 1] } as const
const TWO = { keys: [1, 2, 1] } as const

export const keyCommands: readonly Command[] = [
  writes('del', -2, del, ALL),
  writes('unlink', -2, del, { ...ALL, flags: ['fast'] }),
  reads('exists', -2, exists, { ...ALL, flags: ['fast'] }),
  reads('touch', -2, exists, { ...ALL, flags: ['fast'] }),
  reads('type', 2, type, { flags: ['fast'] }),
  writes('rename', 3, rename, TWO),
  writes('renamenx', 3, renamenx, { ...TWO, flags: ['fast'] }),
  writes('move', 3, moveToDatabase, { flags: ['fast'] }),
  writes('copy', -3, copy, TWO),
  plain('keys', 2, keys, { flags: ['readonly'] }),
  plain('randomkey', 1, randomkey, { flags: ['readonly'] }),
  plain('dbsize', 1, dbsize, { flags: ['readonly', 'fast'] }),
  plain('flushdb', -1, flushdb, { flags: ['write'] }),
  plain('flushall', -1, flushall, { flags: ['write'] }),
  plain('swapdb', 3, swapdb, { flags: ['write', 'fast'] }),
]
