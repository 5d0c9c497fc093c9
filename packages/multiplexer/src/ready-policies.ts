import { parseLink, type ReplicableStream } from '@datagram/container'
import { discoveryKeyOf } from '@datagram/log-core'
import type { Offer, Peer, PolicyAnswer } from './policy.ts'
import { allFrom, isPending } from './policy-chain.ts'
import { streamBytes } from './shown-stream.ts'

/** What a ready policy looks at: a stream that is open here, or the offer of a peer. */
export type PolicySubject = ReplicableStream | Offer

/** A policy for either use, as `offer` and as `accept`. */
export type ReadyPolicy = (subject: PolicySubject, peer: Peer) => PolicyAnswer

/** How a policy names a stream: by a link to it, or by its id of 32 bytes. */
export type StreamReference = string | Uint8Array

/** Policies for the questions that most programs ask. Each serves as `offer` and as `accept`. */
export const policies = {
  /** Streams of these interfaces: `byType('chat', 'kv')`. */
  byType: (...types: readonly string[]): ReadyPolicy => {
    const wanted = new Set(texts(types))
    return ({ type }) => wanted.has(type)
  },

  /** Streams of these names here. A name is not sent: of what is not open here none is known, so it is a no until it is. */
  byName: (...names: readonly string[]): ReadyPolicy => {
    const wanted = new Set(texts(names))
    return ({ name }) => name !== undefined && wanted.has(name)
  },

  /** Streams that have one of these labels at least. */
  byLabel: (...labels: readonly string[]): ReadyPolicy => {
    const wanted = new Set(texts(labels))
    return (subject) => subject.labels.some((label) => wanted.has(label))
  },

  /** Streams of at most so many bytes, as it was said when they were offered; a no where it was not said. */
  byBytes: (bytesMax: number): ReadyPolicy => {
    if (typeof bytesMax !== 'number' || !(bytesMax >= 0)) {
      throw new TypeError('byBytes takes a number of bytes from 0')
    }
    return (subject) => {
      const bytes = 'bytes' in subject ? subject.bytes : streamBytes(subject)
      return bytes !== undefined && bytes <= bytesMax
    }
  },

  /**
   * Streams of these authors, by their keys of 32 bytes, or by the ids of the datagrams that they were made in; a no where
   * neither is known.
   */
  byAuthor: (...authors: readonly Uint8Array[]): ReadyPolicy => {
    const wanted = new Set(authors.map((author) => hexOf(author, 'the key of an author')))
    return ({ author, origin }) =>
      [author, origin].some((known) => known !== undefined && wanted.has(hexOf(known)))
  },

  /** These streams and no others. */
  allow: (...streams: readonly StreamReference[]): ReadyPolicy => {
    const ids = new Set(streams.map((stream) => hexOf(idOf(stream))))
    return ({ id }) => ids.has(hexOf(id))
  },

  /** All streams but these. */
  deny: (...streams: readonly StreamReference[]): ReadyPolicy => {
    const ids = new Set(streams.map((stream) => hexOf(idOf(stream))))
    return ({ id }) => !ids.has(hexOf(id))
  },

  /** What all of these agree to, asked in their order until one says no; an array of policies is the same. */
  all: (...given: readonly ReadyPolicy[]): ReadyPolicy => {
    assertPolicies(given)
    return (subject, peer) => allFrom(given, 0, subject, peer)
  },

  /** What one of these agrees to, asked in their order until one says yes. */
  any: (...given: readonly ReadyPolicy[]): ReadyPolicy => {
    assertPolicies(given)
    const refusals = given.map(opposite)
    return (subject, peer) => opposed(allFrom(refusals, 0, subject, peer))
  },

  /** What the policy does not agree to. */
  not: (given: ReadyPolicy): ReadyPolicy => {
    assertPolicies([given])
    return opposite(given)
  },
}

function opposite(policy: ReadyPolicy): ReadyPolicy {
  return (subject, peer) => opposed(policy(subject, peer))
}

function opposed(answer: PolicyAnswer): PolicyAnswer {
  return isPending(answer) ? answer.then((yes) => yes !== true) : answer !== true
}

/** The id of a stream. Throws a TypeError, and what reading a link throws. */
export function idOf(stream: StreamReference): Uint8Array {
  if (typeof stream !== 'string') {
    hexOf(stream, 'the id of a stream')
    return stream
  }
  const { kind, key } = parseLink(stream)
  if (kind !== 'stream')
    throw new TypeError('the link names a whole datagram; give that of a stream')
  return discoveryKeyOf(key)
}

function hexOf(bytes: Uint8Array, what = 'an id'): string {
  if (!(bytes instanceof Uint8Array) || bytes.byteLength !== 32) {
    throw new TypeError(`${what} is a Uint8Array of 32 bytes`)
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

function texts(given: readonly string[]): readonly string[] {
  if (given.some((text) => typeof text !== 'string')) throw new TypeError('it takes strings')
  return given
}

function assertPolicies(given: readonly ReadyPolicy[]): void {
  if (given.every((policy) => typeof policy === 'function')) return
  throw new TypeError('it takes policies, which are functions')
}
