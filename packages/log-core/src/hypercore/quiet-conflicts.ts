/// <reference path="./declarations.d.ts" />
/* oxlint-disable no-console -- what this file is about */
import type Hypercore from 'hypercore'

const UPSTREAM_LINE = '[hypercore] conflict detected'
// A core that was closed and opened again is the same object.
const quiet = new WeakSet<object>()
/** Who has sent the proof of another history: 32 bytes, the key shown in the handshake of the connection. */
const senders = new WeakMap<object, Uint8Array>()
let checks = 0
let log: typeof console.log | undefined

/**
 * Keeps this core from printing when it finds a second history of its log: hypercore 11.37.1 then writes a
 * line of its own to the console, and a library must not print. The finding itself is kept by
 * `LogHistory`. Only that line is held back, and only while a core compares histories.
 */
export function keepConflictsQuiet({ core }: Hypercore): void {
  if (quiet.has(core)) return
  quiet.add(core)
  const checkConflict = core.checkConflict.bind(core)
  core.checkConflict = async (proof, from) => {
    const { remotePublicKey } = from
    if (remotePublicKey) senders.set(proof, remotePublicKey)
    if (checks++ === 0) muffle()
    try {
      return await checkConflict(proof, from)
    } finally {
      if (--checks === 0) restore()
    }
  }
}

/** The key of the peer that a proof came from, as hypercore gives it to those who hear of a conflict. */
export function senderOf(proof: object): Uint8Array | undefined {
  return senders.get(proof)
}

function muffle(): void {
  const original = console.log
  log = original
  console.log = (...values: unknown[]) => {
    const [first] = values
    if (typeof first !== 'string' || !first.startsWith(UPSTREAM_LINE)) original(...values)
  }
}

function restore(): void {
  if (log !== undefined) console.log = log
  log = undefined
}
