import type { Call } from '../call.ts'
import { entriesOf, memberEntry, memberOf, sample } from '../collection.ts'
import { type Command, reads, writes } from '../command.ts'
import { hashedPart } from '../key-part.ts'
import { Meta, SET } from '../meta.ts'
import { integerArgument } from '../number-text.ts'
import { redisError, syntaxError } from '../redis-error.ts'
import { Members, type Reply } from '../reply.ts'
import { distinct, randomMember } from './random-elements.ts'

type Args = readonly Uint8Array[]

const notPositive = () => redisError('ERR value is out of range, must be positive')

/** Whether a set has a member. */
export function hasMember(call: Call, meta: Meta | undefined, member: Uint8Array): boolean {
  if (meta === undefined) return false
  return call.space.get(call.elements(meta), hashedPart(member)) !== undefined
}

function addMembers(call: Call, key: Uint8Array, members: Args): number {
  const before = call.findOf(key, SET)
  const meta = before ?? Meta.collection(SET, call.newId())
  const bucket = call.elements(meta)
  let added = 0
  for (const member of distinct(members)) {
    if (before !== undefined && hasMember(call, meta, member)) continue
    call.space.put(bucket, ...memberEntry(member))
    added++
  }
  if (added > 0) call.put(key, meta.sized(meta.count + added))
  return added
}

function removeMembers(call: Call, key: Uint8Array, members: Args): number {
  const meta = call.findOf(key, SET)
  if (meta === undefined) return 0
  let removed = 0
  for (const member of members) {
    if (!hasMember(call, meta, member)) continue
    call.space.del(call.elements(meta), hashedPart(member))
    removed++
  }
  if (removed > 0) call.resize(key, meta.sized(meta.count - removed))
  return removed
}

/** Puts a set of these members in the place of what a key held; without any, takes the key away. */
export function storeSet(call: Call, key: Uint8Array, members: Args): void {
  const id = call.newId()
  const meta = Meta.collection(SET, id, members.length)
  const bucket = call.elements(meta)
  for (const member of members) call.space.put(bucket, ...memberEntry(member))
  call.replace(key, meta)
}

function sadd(call: Call, [key, ...members]: Args): Reply {
  const added = addMembers(call, key as Uint8Array, members)
  if (added > 0) call.changed('sadd', key as Uint8Array)
  return added
}

function srem(call: Call, [key, ...members]: Args): Reply {
  const removed = removeMembers(call, key as Uint8Array, members)
  if (removed > 0) call.resized('srem', key as Uint8Array)
  return removed
}

function smove(call: Call, args: Args): Reply {
  const [from, to, member] = args as readonly [Uint8Array, Uint8Array, Uint8Array]
  const source = call.findOf(from, SET)
  if (source === undefined) return 0
  const target = call.findOf(to, SET)
  if (!hasMember(call, source, member)) return 0
  if (target?.id === source.id) return 1
  removeMembers(call, from, [member])
  call.resized('srem', from)
  if (addMembers(call, to, [member]) > 0) call.changed('sadd', to)
  return 1
}

function sismember(call: Call, [key, member]: Args): Reply {
  return hasMember(call, call.findOf(key as Uint8Array, SET), member as Uint8Array) ? 1 : 0
}

function smismember(call: Call, [key, ...members]: Args): Reply {
  const meta = call.findOf(key as Uint8Array, SET)
  return members.map((member) => (hasMember(call, meta, member) ? 1 : 0))
}

function scard(call: Call, [key]: Args): Reply {
  return call.findOf(key as Uint8Array, SET)?.count ?? 0
}

function smembers(call: Call, [key]: Args): Reply {
  return new Members(entriesOf(call, call.findOf(key as Uint8Array, SET)).map(memberOf))
}

function spop(call: Call, args: Args): Reply {
  const key = args[0] as Uint8Array
  if (args.length > 2) throw syntaxError()
  const count = args.length === 1 ? undefined : integerArgument(args[1], notPositive)
  if (count !== undefined && count < 0) throw notPositive()
  const meta = call.findOf(key, SET)
  if (meta === undefined) return count === undefined ? null : new Members([])
  if (count === 0) return new Members([])
  const taken =
    count === undefined
      ? [randomMember(call, meta)]
      : sample(entriesOf(call, meta), count).map(memberOf)
  removeMembers(call, key, taken)
  call.resized('spop', key)
  return count === undefined ? (taken[0] as Uint8Array) : new Members(taken)
}

const FAST = { flags: ['fast'] } as const

export const setCommands: readonly Command[] = [
  writes('sadd', -3, sadd, FAST),
  writes('srem', -3, srem, FAST),
  writes('smove', 4, smove, { ...FAST, keys: [1, 2, 1] }),
  writes('spop', -2, spop, FAST),
  reads('sismember', 3, sismember, FAST),
  reads('smismember', -3, smismember, FAST),
  reads('scard', 2, scard, FAST),
  reads('smembers', 2, smembers),
]
