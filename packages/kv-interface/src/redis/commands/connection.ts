import type { Call } from '../call.ts'
import { type Command, plain } from '../command.ts'
import { redisError, wrongArity } from '../redis-error.ts'
import { OK, type Reply, Status } from '../reply.ts'
import { databaseNumber } from './keys.ts'

const PONG = new Status('PONG')
const EMPTY = new Uint8Array(0)

function ping({ session }: Call, args: readonly Uint8Array[]): Reply {
  if (args.length > 1) throw wrongArity('ping')
  const [message] = args
  if (session.protocol === 2 && session.subscriptions > 0) return ['pong', message ?? EMPTY]
  return message ?? PONG
}

function echo(_call: Call, [message]: readonly Uint8Array[]): Reply {
  return message as Uint8Array
}

function select(call: Call, [db]: readonly Uint8Array[]): Reply {
  call.session.db = databaseNumber(db, () => redisError('ERR invalid DB index'))
  return OK
}

function time({ now }: Call): Reply {
  return [String(Math.floor(now / 1000)), String((now % 1000) * 1000)]
}

const FAST = ['fast', 'loading', 'stale'] as const

export const connectionCommands: readonly Command[] = [
  plain('ping', -1, ping, { flags: [...FAST, 'subscribed'] }),
  plain('echo', 2, echo, { flags: FAST }),
  plain('select', 2, select, { flags: FAST }),
  plain('time', 1, time, { flags: FAST }),
]
