/** What a client may send. */
export interface RequestLimits {
  /** Bytes of one argument. */
  bulkBytesMax: number
  /** Bytes of one command that has not arrived whole. */
  requestBytesMax: number
  /** Arguments of one command. */
  argumentsMax: number
}

// Before a password was given: nobody must be able to fill the memory.
const UNAUTHENTICATED: RequestLimits = {
  bulkBytesMax: 16_384,
  requestBytesMax: 1_048_576,
  argumentsMax: 10,
}
const INLINE_BYTES_MAX = 65_536

const STAR = 42
const DOLLAR = 36
const LF = 10
const CR = 13
const ZERO = 48
const MINUS = 45

/** The client broke the protocol: it is told so, and loses its connection. */
export class ProtocolError extends Error {
  constructor(text: string) {
    super(`Protocol error: ${text}`)
  }
}

/** Cuts what a client sends into commands: arrays of bulk strings, and inline commands. */
export class RequestParser {
  /** Whether the client has shown that it may send much. */
  isTrusted = true
  readonly #limits: RequestLimits
  #buffer: Buffer = Buffer.alloc(0)
  #at = 0
  // Pieces behind the buffer, while fewer bytes are here than the argument that is awaited needs.
  #pieces: Buffer[] = []
  #pieceBytes = 0
  #needed = 0
  // The command that is being read.
  #left = 0
  #args: Uint8Array[] = []
  #bulk = -1
  #bytes = 0

  constructor(limits: RequestLimits) {
    this.#limits = limits
  }

  /** Takes what arrived, and hands over each command that is whole. Throws {@link ProtocolError}. */
  push(chunk: Buffer, take: (args: readonly Uint8Array[]) => void): void {
    this.#bytes += chunk.length
    this.#pieces.push(chunk)
    this.#pieceBytes += chunk.length
    const rest = this.#buffer.length - this.#at
    if (rest + this.#pieceBytes < this.#needed) return
    this.#join(rest)
    for (;;) {
      const args = this.#next()
      if (args === undefined) break
      this.#bytes = this.#buffer.length - this.#at
      if (args.length > 0) take(args)
    }
    if (this.#bytes > this.#active.requestBytesMax) throw new ProtocolError('too big request')
  }

  get #active(): RequestLimits {
    return this.isTrusted ? this.#limits : UNAUTHENTICATED
  }

  #join(rest: number): void {
    const [only] = this.#pieces
    this.#buffer =
      rest === 0 && this.#pieces.length === 1
        ? (only as Buffer)
        : Buffer.concat([this.#buffer.subarray(this.#at), ...this.#pieces])
    this.#at = 0
    this.#pieces = []
    this.#pieceBytes = 0
    this.#needed = 0
  }

  #next(): readonly Uint8Array[] | undefined {
    if (this.#at >= this.#buffer.length) return undefined
    if (this.#left === 0) {
      if (this.#buffer[this.#at] !== STAR) return this.#inline()
      const count = this.#count('invalid multibulk length', 'too big mbulk count string')
      if (count === undefined) return undefined
      if (count > this.#active.argumentsMax) {
        throw new ProtocolError(
          this.isTrusted ? 'invalid multibulk length' : 'unauthenticated multibulk length',
        )
      }
      if (count <= 0) return []
      this.#left = count
      this.#args = []
    }
    while (this.#left > 0) {
      if (!this.#argument()) return undefined
      this.#left--
    }
    return this.#args
  }

  #argument(): boolean {
    if (this.#bulk === -1) {
      if (this.#at >= this.#buffer.length) return false
      const sign = this.#buffer[this.#at] as number
      if (sign !== DOLLAR) {
        throw new ProtocolError(`expected '$', got '${String.fromCharCode(sign)}'`)
      }
      const length = this.#count('invalid bulk length', 'too big bulk count string')
      if (length === undefined) return false
      if (length < 0 || length > this.#limits.bulkBytesMax) {
        throw new ProtocolError('invalid bulk length')
      }
      if (length > this.#active.bulkBytesMax) throw new ProtocolError('unauthenticated bulk length')
      this.#bulk = length
    }
    const end = this.#at + this.#bulk
    if (end + 2 > this.#buffer.length) {
      this.#needed = this.#bulk + 2
      return false
    }
    this.#args.push(this.#buffer.subarray(this.#at, end))
    this.#at = end + 2
    this.#bulk = -1
    return true
  }

  // The number behind a sign, its line whole; undefined when the line is not here yet.
  #count(invalid: string, tooBig: string): number | undefined {
    const buffer = this.#buffer
    let at = this.#at + 1
    const negative = buffer[at] === MINUS
    if (negative) at++
    let value = 0
    const first = at
    for (; at < buffer.length; at++) {
      const digit = (buffer[at] as number) - ZERO
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
    }
    if (at + 1 >= buffer.length) {
      if (at < buffer.length && buffer[at] !== CR) throw new ProtocolError(invalid)
      if (buffer.length - this.#at > INLINE_BYTES_MAX) throw new ProtocolError(tooBig)
      return undefined
    }
    if (buffer[at] !== CR || at === first || at - first > 18) throw new ProtocolError(invalid)
    this.#at = at + 2
    return negative ? -value : value
  }

  #inline(): readonly Uint8Array[] | undefined {
    const end = this.#buffer.indexOf(LF, this.#at)
    if (end === -1 || end - this.#at > INLINE_BYTES_MAX) {
      if (this.#buffer.length - this.#at > INLINE_BYTES_MAX) {
        throw new ProtocolError('too big inline request')
      }
      return undefined
    }
    const stop = this.#buffer[end - 1] === CR && end > this.#at ? end - 1 : end
    const line = this.#buffer.toString('latin1', this.#at, stop)
    this.#at = end + 1
    return inlineWords(line.trimEnd()).map((word) => Buffer.from(word, 'latin1'))
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' }
// Bare characters, then perhaps something in quotes, which must end the word.
const WORD = /\s*(?:([^\s"']*(?:"(?:\\[^]|[^"\\])*"|'(?:\\'|[^'])*')?)(?=\s|$))/y

/** The words of an inline command, quotes and escapes resolved. Throws {@link ProtocolError}. */
function inlineWords(line: string): string[] {
  const words: string[] = []
  WORD.lastIndex = 0
  while (WORD.lastIndex < line.length) {
    const found = WORD.exec(line)
    if (found === null || found[1] === '') throw new ProtocolError('unbalanced quotes in request')
    words.push(unquoted(found[1] as string))
  }
  return words
}

function unquoted(word: string): string {
  return word.replace(/"((?:\\[^]|[^"\\])*)"|'((?:\\'|[^'])*)'/g, (_, double, single) =>
    double === undefined ? single.replaceAll("\\'", "'") : unescaped(double),
  )
}

function unescaped(text: string): string {
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|([^]))/g, (_, hex, letter) =>
    hex === undefined ? (ESCAPES[letter] ?? letter) : String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
