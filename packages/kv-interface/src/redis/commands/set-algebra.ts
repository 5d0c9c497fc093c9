import type { Call } from '../call.ts'
import { entriesOf, memberOf } from '../collection.ts'
import { type Command, countedKeys, reads, writes } from '../command.ts'
import type { EventName } from '../event-name.ts'
import { nameOf } from '../key-part.ts'
import { type Meta, SET } from '../meta.ts'
import { integerArgument } from '../number-text.ts'
import { redisError, syntaxError } from '../redis-error.ts'
import { Members, type Reply } from '../reply.ts'
import { wordOf } from './argument.ts'
import { hasMember, storeSet } from './sets.ts'

type Args = readonly Uint8Array[]
type Sets = readonly (Meta | undefined)[]
type Operation = (call: Call, sets: Sets, limit?: number) => Uint8Array[]

function setsOf(call: Call, keys: Args): Sets {
  return keys.map((key) => call.findOf(key, SET))
}

function membersOf(call: Call, meta: Meta | undefined): Uint8Array[] {
  return entriesOf(call, meta).map(memberOf)
}

function intersection(call: Call, sets: Sets, limit = Number.POSITIVE_INFINITY): Uint8Array[] {
  if (sets.some((set) => set === undefined)) return []
  const [smallest, ...others] = [...sets].sort((a, b) => (a?.count ?? 0) - (b?.count ?? 0))
  const common: Uint8Array[] = []
  for (const member of membersOf(call, smallest)) {
    if (common.length >= limit) break
    if (others.every((other) => hasMember(call, other, member))) common.push(member)
  }
  return common
}

function union(call: Call, sets: Sets): Uint8Array[] {
  const all = new Map<string, Uint8Array>()
  for (const set of sets) for (const member of membersOf(call, set)) all.set(nameOf(member), member)
  return [...all.values()]
}

function difference(call: Call, [first, ...others]: Sets): Uint8Array[] {
  return membersOf(call, first).filter(
    (member) => !others.some((other) => hasMember(call, other, member)),
  )
}

function tells(operation: Operation): Command['run'] {
  return (call, keys) => new Members(operation(call, setsOf(call, keys)))
}

function stores(operation: Operation, event: EventName): Command['run'] {
  return (call, [target, ...keys]) => {
    const members = operation(call, setsOf(call, keys))
    storeOrRemove(call, target as Uint8Array, members, event)
    return members.length
  }
}

function storeOrRemove(call: Call, key: Uint8Array, members: Args, event: EventName): void {
  if (members.length > 0) {
    call.find(key)
    storeSet(call, key, members)
    call.changed(event, key)
  } else if (call.find(key) !== undefined) {
    call.remove(key)
    call.changed('del', key)
  }
}

function sintercard(call: Call, args: Args): Reply {
  const count = integerArgument(args[0], () => redisError('ERR numkeys should be greater than 0'))
  if (count <= 0) throw redisError('ERR numkeys should be greater than 0')
  if (count > args.length - 1) {
    throw redisError("ERR Number of keys can't be greater than number of args")
  }
  let limit = 0
  for (let i = 1 + count; i < args.length; i += 2) {
    if (wordOf(args[i]) !== 'LIMIT' || i + 1 >= args.length) throw syntaxError()
    limit = integerArgument(args[i + 1], () => redisError("ERR LIMIT can't be negative"))
    if (limit < 0) throw redisError("ERR LIMIT can't be negative")
  }
  const sets = setsOf(call, args.slice(1, 1 + count))
  return intersection(call, sets, limit === 0 ? undefined : limit).length
}

const ALL = { keys: [1, -1, 1] } as const

export const setAlgebraCommands: readonly Command[] = [
  reads('sinter', -2, tells(intersection), ALL),
  reads('sunion', -2, tells(union), ALL),
  reads('sdiff', -2, tells(difference), ALL),
  writes('sinterstore', -3, stores(intersection, 'sinterstore'), ALL),
  writes('sunionstore', -3, stores(union, 'sunionstore'), ALL),
  writes('sdiffstore', -3, stores(difference, 'sdiffstore'), ALL),
  reads('sintercard', -3, sintercard, {
    keys: [0, 0, 0],
    keysOf: countedKeys(0),
    flags: ['movablekeys'],
  }),
]
