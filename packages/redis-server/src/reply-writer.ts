import {
  Double,
  floatText,
  Members,
  NIL_ARRAY,
  NO_REPLY,
  type Reply,
  Status,
} from '@datagram/kv-interface/redis'

const START_BYTES = 4096
// Up to here answers are copied out, into memory that many share: a new buffer would cost more than they do.
const COPIED_BYTES_MAX = 2048
const CR = 13
const LF = 10
const DOLLAR = 36
const COLON = 58
const ZERO = 48

/** Writes answers as RESP2 or RESP3 into one growing buffer. */
export class ReplyWriter {
  #buffer = Buffer.allocUnsafe(START_BYTES)
  #end = 0

  get length(): number {
    return this.#end
  }

  /** What was written; the writer begins anew. */
  take(): Buffer {
    const end = this.#end
    const written = this.#buffer
    this.#end = 0
    if (end <= COPIED_BYTES_MAX) {
      const taken = Buffer.allocUnsafe(end)
      written.copy(taken, 0, 0, end)
      return taken
    }
    this.#buffer = Buffer.allocUnsafe(START_BYTES)
    return written.subarray(0, end)
  }

  write(reply: Reply, protocol: 2 | 3): void {
    if (reply instanceof Uint8Array) this.#bulk(reply)
    else if (reply instanceof Status) this.#line(`+${reply.text}`)
    else if (typeof reply === 'number') this.#number(reply)
    else if (reply === null) this.#line(protocol === 3 ? '_' : '$-1')
    else if (typeof reply === 'string') this.#bulk(Buffer.from(reply))
    else if (Array.isArray(reply)) this.#list('*', reply, protocol)
    else this.#rest(reply, protocol)
  }

  /** A message: in RESP3 a type of its own, in RESP2 an array. */
  push(items: readonly Reply[], protocol: 2 | 3): void {
    this.#list(protocol === 3 ? '>' : '*', items, protocol)
  }

  #rest(reply: Reply, protocol: 2 | 3): void {
    if (typeof reply === 'bigint') this.#line(`:${reply}`)
    else if (reply === NIL_ARRAY) this.#line(protocol === 3 ? '_' : '*-1')
    else if (reply instanceof Error) this.#line(`-${errorLine(reply)}`)
    else if (reply instanceof Members) this.#list(protocol === 3 ? '~' : '*', reply.items, protocol)
    else if (reply instanceof Map) this.#map(reply, protocol)
    else if (reply instanceof Double) {
      const text = floatText(reply.value)
      if (protocol === 3) this.#line(`,${text}`)
      else this.#bulk(Buffer.from(text))
    } else if (reply !== NO_REPLY) throw new TypeError('this is no answer')
  }

  #list(sign: string, items: readonly Reply[], protocol: 2 | 3): void {
    this.#line(`${sign}${items.length}`)
    for (const item of items) this.write(item, protocol)
  }

  #map(pairs: ReadonlyMap<string | Uint8Array, Reply>, protocol: 2 | 3): void {
    this.#line(protocol === 3 ? `%${pairs.size}` : `*${2 * pairs.size}`)
    for (const [key, value] of pairs) {
      this.write(key, protocol)
      this.write(value, protocol)
    }
  }

  #number(value: number): void {
    this.#reserve(24)
    this.#buffer[this.#end++] = COLON
    this.#digits(value)
    this.#newLine()
  }

  #bulk(bytes: Uint8Array): void {
    const { length } = bytes
    this.#reserve(length + 24)
    this.#buffer[this.#end++] = DOLLAR
    this.#digits(length)
    this.#newLine()
    this.#buffer.set(bytes, this.#end)
    this.#end += length
    this.#newLine()
  }

  #line(text: string): void {
    this.#reserve(text.length * 3 + 2)
    this.#end += this.#buffer.write(text, this.#end)
    this.#newLine()
  }

  #digits(value: number): void {
    if (value >= 0 && value < 10) this.#buffer[this.#end++] = ZERO + value
    else this.#end += this.#buffer.write(String(value), this.#end, 'latin1')
  }

  #newLine(): void {
    this.#buffer[this.#end++] = CR
    this.#buffer[this.#end++] = LF
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, this.#end + bytes))
    this.#buffer.copy(larger, 0, 0, this.#end)
    this.#buffer = larger
  }
}

/** The line of an error: Redis' own as it is, any other as ERR. A line break would begin another answer. */
function errorLine(error: Error): string {
  const isRedis = (error as { code?: unknown }).code === 'REDIS_COMMAND_REFUSED'
  const text = isRedis ? error.message : `ERR ${error.message}`
  return text.replace(/[\r\n]/g, ' ')
}
