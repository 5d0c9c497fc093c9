import { Call } from '../call.ts'
import { type Command, plain } from '../command.ts'
import { nameOf } from '../key-part.ts'
import { redisError } from '../redis-error.ts'
import { NIL_ARRAY, OK, type Reply } from '../reply.ts'

function multi({ session }: Call): Reply {
  if (session.transaction !== undefined) throw redisError('ERR MULTI calls can not be nested')
  session.transaction = { queued: [], isSpoiled: false }
  return OK
}

function discard({ session, engine }: Call): Reply {
  if (session.transaction === undefined) throw redisError('ERR DISCARD without MULTI')
  session.transaction = undefined
  engine.watches.unwatch(session)
  return OK
}

// Everything that EXEC does can be undone until it is through: it may meet something that is not in memory.
function exec(call: Call): Reply {
  const { session, engine, now } = call
  const { transaction } = session
  if (transaction === undefined) throw redisError('ERR EXEC without MULTI')
  call.effect(() => {
    session.transaction = undefined
    engine.watches.unwatch(session)
  })
  if (transaction.isSpoiled) {
    session.transaction = undefined
    engine.watches.unwatch(session)
    throw redisError('EXECABORT Transaction discarded because of previous errors.')
  }
  if (session.isWatchBroken || hasExpired(call)) return NIL_ARRAY
  const db = session.db
  const replies: Reply[] = []
  try {
    for (const { run, args } of transaction.queued) {
      const queued = new Call(engine, session, now, true)
      // It was queued as a command of this table: a call is what it takes.
      replies.push(engine.runQueued(() => (run as Command['run'])(queued, args)))
    }
  } catch (error) {
    // It runs again from its beginning.
    session.db = db
    throw error
  }
  return replies
}

// A key that expired since WATCH has changed, also where nobody has looked at it.
function hasExpired(call: Call): boolean {
  for (const watched of call.session.watched) {
    const [db = '', ...rest] = watched.split('|')
    const key = Buffer.from(rest.join('|'), 'latin1')
    const before = call.keyspace.get(Number(db), key)
    if (before !== undefined && before.expireAt !== 0 && before.expireAt <= call.now) {
      if (!call.session.expiredWhenWatched.has(watched)) return true
    }
  }
  return false
}

function watch(call: Call, args: readonly Uint8Array[]): Reply {
  const { session, engine } = call
  if (session.transaction !== undefined) throw redisError('ERR WATCH inside MULTI is not allowed')
  for (const key of args) {
    const name = `${call.db}|${nameOf(key)}`
    const meta = call.keyspace.get(call.db, key)
    const isExpired = meta !== undefined && meta.expireAt !== 0 && meta.expireAt <= call.now
    if (session.watched.has(name)) continue
    if (isExpired) session.expiredWhenWatched.add(name)
    engine.watches.watch(session, name)
  }
  return OK
}

function unwatch({ session, engine }: Call): Reply {
  engine.watches.unwatch(session)
  return OK
}

export const transactionCommands: readonly Command[] = [
  plain('multi', 1, multi, { flags: ['fast', 'noscript', 'loading', 'stale', 'transaction'] }),
  plain('discard', 1, discard, { flags: ['fast', 'noscript', 'loading', 'stale', 'transaction'] }),
  plain('exec', 1, exec, { flags: ['noscript', 'loading', 'stale', 'transaction'] }),
  plain('watch', -2, watch, {
    flags: ['fast', 'noscript', 'loading', 'stale', 'transaction'],
    keys: [1, -1, 1],
  }),
  plain('unwatch', 1, unwatch, { flags: ['fast', 'noscript', 'loading', 'stale'] }),
]
