import type { Call } from '../call.ts'
import { type Command, reads, writes } from '../command.ts'
import { expireTime } from '../expire-time.ts'
import { redisError } from '../redis-error.ts'
import type { Reply } from '../reply.ts'
import { wordOf } from './argument.ts'

type Args = readonly Uint8Array[]

/** When EXPIRE and the like leave a key alone. */
interface Condition {
  readonly before: number
  readonly next: number
  readonly words: ReadonlySet<string>
}

function conditionWords(args: Args): Set<string> {
  const words = new Set(args.slice(2).map(wordOf))
  for (const word of words) {
    if (!['NX', 'XX', 'GT', 'LT'].includes(word)) {
      throw redisError(`ERR Unsupported option ${word}`)
    }
  }
  if (words.has('NX') && words.size > 1) {
    throw redisError('ERR NX and XX, GT or LT options at the same time are not compatible')
  }
  if (words.has('GT') && words.has('LT')) {
    throw redisError('ERR GT and LT options at the same time are not compatible')
  }
  return words
}

// A key that does not expire counts as one that does so at the end of time.
function holds({ before, next, words }: Condition): boolean {
  if (words.has('NX') && before !== 0) return false
  if (words.has('XX') && before === 0) return false
  if (words.has('GT') && (before === 0 || next <= before)) return false
  return !(words.has('LT') && before !== 0 && next >= before)
}

function expires(name: string, unit: string): Command['run'] {
  return (call: Call, args: Args): Reply => {
    const key = args[0] as Uint8Array
    const words = conditionWords(args)
    const expireAt = expireTime(args[1], { unit, now: call.now, name, mustBePositive: false })
    const meta = call.find(key)
    if (meta === undefined || !holds({ before: meta.expireAt, next: expireAt, words })) return 0
    if (expireAt <= call.now) {
      call.remove(key)
      call.changed('del', key)
      return 1
    }
    call.put(key, meta.expiring(expireAt))
    call.changed('expire', key)
    return 1
  }
}

function persist(call: Call, [key]: Args): Reply {
  const meta = call.find(key as Uint8Array)
  if (meta === undefined || meta.expireAt === 0) return 0
  call.put(key as Uint8Array, meta.expiring(0))
  call.changed('persist', key as Uint8Array)
  return 1
}

function tells(of: (expireAt: number, now: number) => number): Command['run'] {
  return (call, [key]) => {
    const meta = call.find(key as Uint8Array)
    if (meta === undefined) return -2
    return meta.expireAt === 0 ? -1 : of(meta.expireAt, call.now)
  }
}

const left = (expireAt: number, now: number) => Math.max(0, expireAt - now)
const FAST = { flags: ['fast'] } as const

export const expiryCommands: readonly Command[] = [
  writes('expire', -3, expires('expire', 'EX'), FAST),
  writes('pexpire', -3, expires('pexpire', 'PX'), FAST),
  writes('expireat', -3, expires('expireat', 'EXAT'), FAST),
  writes('pexpireat', -3, expires('pexpireat', 'PXAT'), FAST),
  writes('persist', 2, persist, FAST),
  reads(
    'ttl',
    2,
    tells((at, now) => Math.floor((left(at, now) + 500) / 1000)),
    FAST,
  ),
  reads('pttl', 2, tells(left), FAST),
  reads(
    'expiretime',
    2,
    tells((at) => Math.floor((at + 500) / 1000)),
    FAST,
  ),
  reads(
    'pexpiretime',
    2,
    tells((at) => at),
    FAST,
  ),
]
