import { Container, type ContainerOptions } from '@datagram/container'
import { openStore, type StoreOptions } from '@datagram/log-core'
import type { MultiplexerOptions } from '@datagram/multiplexer'
import { Datagram } from './datagram.ts'
import { assertPeerKey, identified, type PeerKeyOptions } from './peer-identity.ts'

/** Options of {@link openDatagram}. */
export interface OpenDatagramOptions
  extends Omit<StoreOptions, 'readEarly'>,
    Omit<MultiplexerOptions, 'peerMemory'>,
    PeerKeyOptions,
    Pick<ContainerOptions, 'authorKey'> {}

/**
 * Opens the datagram in `folder`, or makes it. A folder that was cloned into opens as that clone.
 *
 * Throws `PASSWORD_WRONG`, `PASSWORD_REQUIRED`, `STORE_LOCKED`, `STORE_COPIED`, `STORE_DAMAGED`,
 * `STORE_NOT_WRITABLE`, `KEY_FILE_DAMAGED` and what else opening a store throws; it then is as it was.
 */
export async function openDatagram(
  folder: string,
  options: OpenDatagramOptions = {},
): Promise<Datagram> {
  const {
    offer,
    accept,
    want,
    forbid,
    logger,
    limits,
    keyPair,
    peerKey,
    authorKey,
    ...storeOptions
  } = options
  const multiplexing = { offer, accept, want, forbid, logger, limits, keyPair, peerKey }
  assertPeerKey(peerKey)
  const store = await openStore(folder, { ...storeOptions, readEarly: true })
  const isReady = store.ready()
  // Awaited below; what fails before that is told first.
  isReady.catch(() => undefined)
  try {
    const onProblem = (problem: unknown) =>
      logger?.warn('the datagram no longer hears of new streams', { problem })
    const container = await Container.open(store, { onProblem, authorKey })
    await isReady
    const datagram = new Datagram(store, container, await identified(store, multiplexing))
    await datagram.moderation.resume()
    return datagram
  } catch (error) {
    await store.close()
    throw error
  }
}
