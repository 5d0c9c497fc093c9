import { type Address, assertAddress } from '@datagram/network'
import { datagramError } from './datagram-errors.ts'

/** Throws a TypeError or `ADDRESS_INVALID` unless all of `addresses` can be dialled. */
export function assertAddresses(
  addresses: unknown,
): asserts addresses is readonly Address[] | undefined {
  if (addresses === undefined) return
  if (!Array.isArray(addresses)) throw new TypeError('connect is an array of addresses')
  for (const address of addresses) assertAddress(address, 'dial')
}

/**
 * Tries all `addresses` at once and resolves with the first that succeeds; the others go on by themselves.
 * Throws `CLONE_NO_PEER` with the reasons as its cause, or the reason itself when there was one address only.
 */
export async function reachAny<T>(
  addresses: readonly Address[] = [],
  reach: (address: Address) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  try {
    return await Promise.any(addresses.map(reach))
  } catch (error) {
    signal?.throwIfAborted()
    const reasons: unknown[] = error instanceof AggregateError ? error.errors : [error]
    throw reasons.length === 1 ? reasons[0] : noPeer(reasons)
  }
}

function noPeer(reasons: readonly unknown[]): Error {
  return datagramError(
    'CLONE_NO_PEER',
    reasons.length === 0
      ? 'there is nobody to take it from; give the address of somebody who has it in { connect }'
      : 'none of the addresses led to somebody who has what the link names; check them and the link',
    { cause: new AggregateError(reasons, 'every address failed') },
  )
}
