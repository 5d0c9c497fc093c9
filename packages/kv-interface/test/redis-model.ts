import type { Random } from '@datagram/fault-harness'
import type { RedisArgument } from '../src/redis/index.ts'

/** A command, and what it must answer. */
export interface Step {
  readonly line: readonly [string, ...RedisArgument[]]
  readonly answer: unknown
}

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** A plain model of one key of each type: it makes random commands and knows their answers. */
export class RedisModel {
  readonly #random: Random
  readonly string = { value: undefined as string | undefined }
  readonly hash = new Map<string, string>()
  list: string[] = []
  readonly set = new Set<string>()
  readonly scores = new Map<string, number>()

  constructor(random: Random) {
    this.#random = random
  }

  next(): Step {
    const makers = [this.#string, this.#hash, this.#list, this.#set, this.#zset]
    return this.#random.pick(makers).call(this)
  }

  /** Everything, as {@link questions} ask for it. */
  picture(): unknown[] {
    return [
      this.string.value,
      Object.fromEntries([...this.hash].sort(([a], [b]) => byBytes(a, b))),
      this.list,
      [...this.set].sort(byBytes),
      this.ordered(),
    ]
  }

  ordered(): [string, number][] {
    return [...this.scores].sort(([a, x], [b, y]) => x - y || byBytes(a, b))
  }

  // Long members differ early: those that do not are not in their order (see key-part.ts).
  #name(): string {
    const name = `m${this.#random.between(0, 24)}`
    return this.#random.chance(0.02) ? name.padEnd(4500, '-') : name
  }

  #value(): string {
    return `${this.#random.between(0, 1000)}`.padEnd(this.#random.pick([1, 1, 1, 20, 1500]), 'v')
  }

  #string(): Step {
    const { string } = this
    const value = this.#value()
    const before = string.value
    switch (this.#random.between(0, 4)) {
      case 0:
        string.value = value
        return { line: ['SET', 'string', value], answer: 'OK' }
      case 1:
        string.value = `${(before ?? '').slice(0, 3000)}`
        if (before === undefined || before.length > 3000) {
          string.value = value
          return { line: ['SET', 'string', value], answer: 'OK' }
        }
        string.value = before + value
        return { line: ['APPEND', 'string', value], answer: string.value.length }
      case 2:
        return { line: ['STRLEN', 'string'], answer: before?.length ?? 0 }
      case 3:
        string.value = undefined
        return { line: ['GETDEL', 'string'], answer: before }
      default:
        return { line: ['GETRANGE', 'string', 1, 3], answer: (before ?? '').slice(1, 4) }
    }
  }

  #hash(): Step {
    const { hash } = this
    const field = this.#name()
    const value = this.#value()
    const before = hash.get(field)
    switch (this.#random.between(0, 3)) {
      case 0:
        hash.set(field, value)
        return { line: ['HSET', 'hash', field, value], answer: before === undefined ? 1 : 0 }
      case 1:
        hash.delete(field)
        return { line: ['HDEL', 'hash', field], answer: before === undefined ? 0 : 1 }
      case 2:
        return { line: ['HGET', 'hash', field], answer: before }
      default:
        return { line: ['HLEN', 'hash'], answer: hash.size }
    }
  }

  #list(): Step {
    const value = this.#value()
    const at = this.#random.between(-6, 6)
    switch (this.#random.between(0, 6)) {
      case 0:
        return { line: ['RPUSH', 'list', value], answer: this.list.push(value) }
      case 1:
        return { line: ['LPUSH', 'list', value], answer: this.list.unshift(value) }
      case 2:
        return { line: ['LPOP', 'list'], answer: this.list.shift() }
      case 3:
        return { line: ['RPOP', 'list'], answer: this.list.pop() }
      case 4:
        return { line: ['LINDEX', 'list', at], answer: this.list.at(at) }
      case 5: {
        const pivot = this.list.at(at) ?? 'none'
        const index = this.list.indexOf(pivot)
        if (index !== -1) this.list.splice(index, 0, value)
        const none = this.list.length === 0 ? 0 : -1
        const answer = index === -1 ? none : this.list.length
        return { line: ['LINSERT', 'list', 'BEFORE', pivot, value], answer }
      }
      default: {
        const removed = this.list.filter((one) => one === this.list[2]).length
        const target = this.list[2] ?? 'none'
        this.list = this.list.filter((one) => one !== target)
        return {
          line: ['LREM', 'list', 0, target],
          answer: removed && target !== 'none' ? removed : 0,
        }
      }
    }
  }

  #set(): Step {
    const member = this.#name()
    const has = this.set.has(member)
    switch (this.#random.between(0, 3)) {
      case 0:
        this.set.add(member)
        return { line: ['SADD', 'set', member], answer: has ? 0 : 1 }
      case 1:
        this.set.delete(member)
        return { line: ['SREM', 'set', member], answer: has ? 1 : 0 }
      case 2:
        return { line: ['SISMEMBER', 'set', member], answer: has ? 1 : 0 }
      default:
        return { line: ['SCARD', 'set'], answer: this.set.size }
    }
  }

  #zset(): Step {
    const member = this.#name()
    const score = this.#random.pick([-1.5, -1, 0, 0.25, 1, 1e17, this.#random.between(-9, 9)])
    const before = this.scores.get(member)
    switch (this.#random.between(0, 4)) {
      case 0:
      case 1:
        this.scores.set(member, score)
        return { line: ['ZADD', 'zset', score, member], answer: before === undefined ? 1 : 0 }
      case 2:
        this.scores.delete(member)
        return { line: ['ZREM', 'zset', member], answer: before === undefined ? 0 : 1 }
      case 3: {
        const rank = this.ordered().findIndex(([name]) => name === member)
        return { line: ['ZRANK', 'zset', member], answer: rank === -1 ? undefined : rank }
      }
      default: {
        const within = this.ordered().filter(([, one]) => one > -1 && one <= 1)
        return {
          line: ['ZRANGEBYSCORE', 'zset', '(-1', 1],
          answer: within.map(([name]) => name),
        }
      }
    }
  }
}
