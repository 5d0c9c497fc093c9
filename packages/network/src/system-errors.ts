import type { DatagramError } from '@datagram/errors'
import { type Address, formatAddress } from './address.ts'
import { type NetworkErrorCode, networkError } from './network-errors.ts'

type Meaning = readonly [code: NetworkErrorCode, why: string]

// What the system's codes mean to whoever listens, and what can be done.
const listenMeanings: Readonly<Record<string, Meaning>> = {
  EADDRINUSE: ['ADDRESS_IN_USE', 'somebody listens there; choose another port or path, or 0'],
  EACCES: ['ADDRESS_FORBIDDEN', 'this user may not listen there; take a port from 1024 up'],
  EPERM: ['ADDRESS_FORBIDDEN', 'this user may not listen there'],
  EADDRNOTAVAIL: ['ADDRESS_INVALID', 'it is no address of this machine; listen on one that is'],
  EINVAL: ['ADDRESS_INVALID', 'it is no address that can be used; check it'],
  ENOENT: ['ADDRESS_INVALID', 'its folder does not exist; create it first'],
  ENOTDIR: ['ADDRESS_INVALID', 'a part of the path is no folder'],
  ENOTFOUND: ['ADDRESS_NOT_FOUND', 'no machine has this name; check the spelling'],
  EAI_AGAIN: ['ADDRESS_NOT_FOUND', 'the name cannot be looked up now; is there a network?'],
}

const dialMeanings: Readonly<Record<string, Meaning>> = {
  ECONNREFUSED: ['CONNECTION_REFUSED', 'nobody listens there; start the other side first'],
  ENOENT: ['CONNECTION_REFUSED', 'there is no socket there; start the other side first'],
  ENOTSOCK: ['ADDRESS_INVALID', 'it is no socket but a plain file'],
  ECONNRESET: ['CONNECTION_REFUSED', 'the other side closed at once; it may have too many guests'],
  ETIMEDOUT: ['CONNECTION_TIMEOUT', 'it does not answer; check the address and the firewalls'],
  EACCES: ['ADDRESS_FORBIDDEN', 'this user may not connect to it; check its rights'],
  EPERM: ['ADDRESS_FORBIDDEN', 'this user may not connect to it; check its rights'],
  EINVAL: ['ADDRESS_INVALID', 'it is no address that can be used; check it'],
  ENOTFOUND: ['ADDRESS_NOT_FOUND', 'no machine has this name; check the spelling'],
  EAI_AGAIN: ['ADDRESS_NOT_FOUND', 'the name cannot be looked up now; is there a network?'],
  EHOSTUNREACH: ['CONNECTION_FAILED', 'no way leads there; check the network'],
  ENETUNREACH: ['CONNECTION_FAILED', 'no way leads there; check the network'],
}

/** The coded error of a system error while listening. */
export function listenError(address: Address, cause: unknown): DatagramError<NetworkErrorCode> {
  const meaning = listenMeanings[codeOf(cause)]
  const [code, why] = meaning ?? ['LISTENER_FAILED', `the system says: ${messageOf(cause)}`]
  return networkError(code, `cannot listen at ${formatAddress(address)}: ${why}`, {
    cause,
    details: { ...address },
  })
}

/** The coded error of a system error while dialling. */
export function dialError(address: Address, cause: unknown): DatagramError<NetworkErrorCode> {
  const meaning = dialMeanings[codeOf(cause)]
  const [code, why] = meaning ?? ['CONNECTION_FAILED', `the system says: ${messageOf(cause)}`]
  return networkError(code, `cannot connect to ${formatAddress(address)}: ${why}`, {
    cause,
    details: { ...address },
  })
}

/** The system's own code (`EADDRINUSE`), or `''`. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : ''
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
