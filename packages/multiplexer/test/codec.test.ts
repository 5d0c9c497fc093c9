import fs from 'node:fs'
import { isDatagramError } from '@datagram/errors'
import { type Random, seededRun } from '@datagram/fault-harness'
import { type Codec, decode, encode } from '@datagram/log-core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { announce } from '../src/announce.ts'
import { decline } from '../src/decline.ts'
import { digest } from '../src/digest.ts'
import { filter } from '../src/filter.ts'
import { hello } from '../src/hello.ts'
import { OFFER_BYTES_MAX, type OfferRecord, offer } from '../src/offer-record.ts'
import { accept, want } from '../src/proven-id.ts'
import { ask, told } from '../src/round.ts'
import { showStream } from '../src/shown-stream.ts'
import { isStreamProven, proveStream, StreamProver } from '../src/stream-proof.ts'
import { withdraw } from '../src/withdraw.ts'

interface Vectors {
  readonly messages: readonly { about: string; message: MessageName; value: unknown; hex: string }[]
  readonly proofs: readonly {
    about: string
    key: string
    prover: 'initiator' | 'responder'
    handshakeHash: string
    id: string
    proof: string
  }[]
  readonly readProofs: readonly {
    about: string
    readKey: string
    prover: 'initiator' | 'responder'
    handshakeHash: string
    id: string
    proof: string
  }[]
  readonly histories: readonly {
    about: string
    key: string
    role: 'initiator' | 'responder'
    handshakeHash: string
    log: string
    treeHash: string
    history: string
  }[]
  readonly digests: readonly {
    about: string
    key: string
    role: 'initiator' | 'responder'
    handshakeHash: string
    id: string
    lengths: number[]
    treeHashes?: string[]
    hash: string
  }[]
}
type MessageName = keyof typeof codecs

const codecs = {
  hello,
  want,
  offer,
  accept,
  decline,
  withdraw,
  announce,
  digest,
  ask,
  told,
  filter,
}
const vectors: Vectors = JSON.parse(
  fs.readFileSync(new URL('../../../test-vectors/multiplexer.json', import.meta.url), 'utf8'),
)

// In the vectors, bytes are hex; which fields are bytes is known by their names.
const byteFields = new Set(['id', 'proof', 'readProof', 'discoveryKey'])
function revive(key: string, value: unknown): unknown {
  if (key === 'hashes' || key === 'histories')
    return (value as string[]).map((hash) => revive('id', hash))
  return byteFields.has(key) ? new Uint8Array(Buffer.from(value as string, 'hex')) : value
}

function valueOf({ message, value }: Vectors['messages'][number]): never {
  const revived = JSON.parse(JSON.stringify({ value }), revive).value
  if (message === 'ask' || message === 'told') return revived.number as never
  // JSON has no undefined, and a withdrawal is nothing but its id.
  if (message === 'offer') return { bytes: undefined, ...revived } as never
  if (message === 'filter') return { bytesMax: undefined, ...revived } as never
  return (message === 'withdraw' ? revived.id : revived) as never
}

describe('known answers', () => {
  test('there are some for every message', () => {
    const named = new Set(vectors.messages.map(({ message }) => message))
    expect([...named].sort()).toEqual(Object.keys(codecs).sort())
  })

  test.each(vectors.messages)('$message: $about', (vector) => {
    const codec = codecs[vector.message] as Codec<unknown>
    const value = valueOf(vector)
    expect(Buffer.from(encode(codec, value)).toString('hex')).toBe(vector.hex)
    const bytes = Buffer.from(vector.hex, 'hex')
    expect(decode(codec, bytes)).toEqual(value)
    // What a newer minor version appends is skipped; an offer stays within its size.
    const extended = Buffer.concat([bytes, Buffer.from([1, 2, 3])])
    if (extended.byteLength <= OFFER_BYTES_MAX) expect(decode(codec, extended)).toEqual(value)
  })

  test.each(vectors.proofs)('proof: $about', ({ key, prover, handshakeHash, id, proof }) => {
    const bytes = (hex: string) => Buffer.from(hex, 'hex')
    const made = proveStream(bytes(key), prover, bytes(handshakeHash), bytes(id))
    expect(Buffer.from(made).toString('hex')).toBe(proof)
    expect(isStreamProven(made, bytes(key), prover, bytes(handshakeHash), bytes(id))).toBe(true)
  })

  test.each(vectors.readProofs)(
    'proof of reading: $about',
    ({ readKey, prover, handshakeHash, id, proof }) => {
      const bytes = (hex: string) => Buffer.from(hex, 'hex')
      const stream = { id: bytes(id), readKey: bytes(readKey) }
      const other = prover === 'initiator' ? 'responder' : 'initiator'
      const ours = new StreamProver(prover, bytes(handshakeHash))
      const theirs = new StreamProver(other, bytes(handshakeHash))
      const made = ours.proveReading(stream) as Uint8Array
      expect(Buffer.from(made).toString('hex')).toBe(proof)
      expect(theirs.isReadingProven(stream, made)).toBe(true)
      // Not sent back to its maker, not without the key, and nothing else.
      expect(ours.isReadingProven(stream, made)).toBe(false)
      expect(theirs.isReadingProven({ id: stream.id }, made)).toBe(false)
      expect(theirs.isReadingProven({ ...stream, readKey: new Uint8Array(32) }, made)).toBe(false)
      expect(theirs.isReadingProven(stream, undefined)).toBe(false)
      expect(ours.proveReading({ id: stream.id })).toBe(undefined)
    },
  )

  test.each(vectors.histories)('history: $about', (known) => {
    const bytes = (hex: string) => Buffer.from(hex, 'hex')
    const { role, handshakeHash, history } = known
    const [key, log, treeHash] = [known.key, known.log, known.treeHash].map(bytes) as never as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ]
    const other = role === 'initiator' ? 'responder' : 'initiator'
    const [ours, theirs] = [role, other].map(
      (one) => new StreamProver(one as typeof role, bytes(handshakeHash)),
    ) as [StreamProver, StreamProver]
    const told = (hash: Uint8Array) => Buffer.from(hash).toString('hex')
    expect(told(ours.history({ key, log, treeHash }).ours)).toBe(history)
    expect(told(theirs.history({ key, log, treeHash }).theirs)).toBe(history)
    expect(told(theirs.history({ key, log, treeHash }).ours)).not.toBe(history)
  })

  test.each(vectors.digests)(
    'digest: $about',
    ({ key, role, handshakeHash, id, lengths, treeHashes: trees, hash }) => {
      const bytes = (hex: string) => Buffer.from(hex, 'hex')
      const prover = new StreamProver(role, bytes(handshakeHash))
      const other = new StreamProver(
        role === 'initiator' ? 'responder' : 'initiator',
        bytes(handshakeHash),
      )
      const entry = {
        stream: { id: bytes(id), key: bytes(key) },
        lengths,
        treeHashes: trees?.map(bytes),
      }
      expect(Buffer.from(prover.digest(entry).ours).toString('hex')).toBe(hash)
      expect(Buffer.from(other.digest(entry).theirs).toString('hex')).toBe(hash)
    },
  )
})

describe('a proof', () => {
  const [key, otherKey, id, otherId] = [1, 2, 3, 4].map((fill) => Buffer.alloc(32, fill)) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ]
  const [hash, otherHash] = [Buffer.alloc(64, 5), Buffer.alloc(64, 6)]
  const proof = proveStream(key, 'initiator', hash, id)

  test.each([
    ['another key', () => isStreamProven(proof, otherKey, 'initiator', hash, id)],
    ['the other side', () => isStreamProven(proof, key, 'responder', hash, id)],
    ['another connection', () => isStreamProven(proof, key, 'initiator', otherHash, id)],
    ['another stream', () => isStreamProven(proof, key, 'initiator', hash, otherId)],
    ['a shorter proof', () => isStreamProven(proof.slice(1), key, 'initiator', hash, id)],
  ])('is worth nothing for %s', (_what, check) => {
    expect(check()).toBe(false)
  })
})

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 })
const text = (bytesMax: number) =>
  fc
    .string({ unit: 'grapheme', maxLength: bytesMax })
    .filter((s) => Buffer.byteLength(s) <= bytesMax)

test('what is shown of a stream always fits, and reads back as it was', () => {
  const stream = fc.record({
    id: bytes32,
    key: bytes32,
    type: text(80),
    labels: fc.array(text(60), { maxLength: 20 }),
    logs: fc.array(
      fc.record({ discoveryKey: bytes32, length: fc.maxSafeNat(), byteLength: fc.maxSafeNat() }),
      { maxLength: 7 },
    ),
  })
  fc.assert(
    fc.property(stream, bytes32, (one, proof) => {
      const shown = showStream(one as never, proof)
      const bytes = encode(offer, shown)
      expect(bytes.byteLength).toBeLessThanOrEqual(OFFER_BYTES_MAX)
      expect(decode(offer, bytes)).toEqual(shown)
      expect(shown.logsCut).toBe(shown.logs.length < one.logs.length)
      expect(shown.labelsCut).toBe(shown.labels.length < one.labels.length)
      if (Buffer.byteLength(one.type) <= 64) expect(shown.type).toBe(one.type)
    }),
    { numRuns: 2000 },
  )
})

test('two logs of any length, and the longest type, are never cut', () => {
  const logs = [1, 2].map((fill) => ({
    discoveryKey: new Uint8Array(32).fill(fill),
    length: Number.MAX_SAFE_INTEGER,
    byteLength: 2 ** 52 - 1,
  }))
  const stream = {
    id: logs[0]?.discoveryKey,
    key: Buffer.alloc(32),
    type: 'x'.repeat(64),
    labels: [],
    logs,
  }
  expect(showStream(stream as never, Buffer.alloc(32))).toMatchObject({
    logsCut: false,
    type: stream.type,
    bytes: 2 ** 53 - 2,
  })
})

const INPUTS = 100_000

// Valid messages to be damaged: random bytes alone would hardly get past the first field.
const seeds: { readonly [K in MessageName]: Uint8Array[] } = {
  hello: [],
  want: [],
  offer: [],
  accept: [],
  decline: [],
  withdraw: [],
  announce: [],
  digest: [],
  ask: [],
  told: [],
  filter: [],
}
for (const { message, hex } of vectors.messages) seeds[message].push(Buffer.from(hex, 'hex'))

describe.each(Object.keys(codecs) as MessageName[])('%s, fuzzed', (name) => {
  test(`${INPUTS} inputs give a value or a coded error`, async () => {
    const counts = await seededRun((random) => {
      let read = 0
      let refused = 0
      for (let i = 0; i < INPUTS; i++) {
        if (isReadable(codecs[name] as Codec<unknown>, mangled(random, seeds[name]))) read++
        else refused++
      }
      return { read, refused }
    })
    expect(counts.read).toBeGreaterThan(INPUTS / 100)
    expect(counts.refused).toBeGreaterThan(INPUTS / 100)
  })

  test('every truncation is a coded error', () => {
    for (const whole of seeds[name]) {
      // Of another major version only the version itself is read.
      if (name === 'hello' && whole[0] !== 1) continue
      // Without the field that came with a later version, and with a part of it, it is as of the version before.
      const needed = name === 'want' || name === 'accept' ? 64 : whole.byteLength
      for (let length = 0; length < needed; length++) {
        expect(isReadable(codecs[name] as Codec<unknown>, whole.subarray(0, length))).toBe(false)
      }
    }
  })
})

function mangled(random: Random, valid: readonly Uint8Array[]): Uint8Array {
  if (random.chance(0.2)) return random.bytes(random.between(0, 220))
  const bytes = Uint8Array.from(random.pick(valid))
  for (let n = random.between(0, 4); n > 0; n--) {
    bytes[random.between(0, bytes.byteLength)] = random.between(0, 256)
  }
  return random.chance(0.5) ? bytes.subarray(0, random.between(0, bytes.byteLength + 1)) : bytes
}

function isReadable(codec: Codec<unknown>, bytes: Uint8Array): boolean {
  try {
    const value = decode(codec, bytes)
    // What was read is bounded, and can be written.
    if ((value as OfferRecord).logs !== undefined) encode(offer, value as OfferRecord)
    return true
  } catch (error) {
    if (isDatagramError(error, 'PEER_PROTOCOL_BROKEN')) return false
    throw error
  }
}
