import type { KeyPair, Store } from '@datagram/log-core'
import type { ContainerOptions } from './container-options.ts'

const LABEL = 'datagram/1/author'

/** Who makes streams in a store: a key pair of its own, derived from the signing seed; undefined where nobody is to be named. */
export function authorOf(
  store: Pick<Store, 'keyPair'>,
  { authorKey = 'kept' }: Pick<ContainerOptions, 'authorKey'>,
): KeyPair | undefined {
  if (authorKey !== 'kept' && authorKey !== 'none') {
    throw new TypeError("authorKey is 'kept' or 'none'")
  }
  return authorKey === 'kept' ? store.keyPair(LABEL) : undefined
}
