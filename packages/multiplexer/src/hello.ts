import type { Codec, State } from '@datagram/log-core'
import c from 'compact-encoding'
import { readUint } from './wire-fields.ts'

/** The first message of each side. */
export interface Hello {
  /** Version of the protocol that the sender speaks. Another major version cannot be understood. */
  readonly major: number
  /** Grows when messages or fields are added, which older peers skip. */
  readonly minor: number
  /** What the sender can do beyond its version, a bit each; see {@link FEATURE_FRUGAL}. */
  readonly features: number
}

/**
 * Feature: logs are attached only while they are needed. The sender understands `announce`, `digest`, `ask`
 * and `told`, and expects them.
 */
export const FEATURE_FRUGAL = 0x1

/** Feature: digests are over the histories of logs too, and not over their lengths alone. */
export const FEATURE_HISTORIES = 0x2

/** What this version says. */
export const helloOfThisVersion: Hello = {
  major: 1,
  minor: 4,
  features: FEATURE_FRUGAL | FEATURE_HISTORIES,
}

/*
 * hello, message 0.
 *
 *   size  field
 *   1..9  major version, compact-encoding uint
 *   1..9  minor version, uint
 *   1..9  features, uint
 *   …     fields of newer minor versions, skipped
 */
export const hello: Codec<Hello> = {
  preencode(state: State, value: Hello): void {
    c.uint.preencode(state, value.major)
    c.uint.preencode(state, value.minor)
    c.uint.preencode(state, value.features)
  },
  encode(state: State, value: Hello): void {
    c.uint.encode(state, value.major)
    c.uint.encode(state, value.minor)
    c.uint.encode(state, value.features)
  },
  decode(state: State): Hello {
    const major = readUint(state, 'hello', 'major version')
    // A newer major version may say the rest in another way.
    if (major !== helloOfThisVersion.major) return { major, minor: 0, features: 0 }
    const minor = readUint(state, 'hello', 'minor version')
    return { major, minor, features: readUint(state, 'hello', 'features') }
  },
}
