import {
  assertStreamName,
  claimOrigin,
  Container,
  type OpenedLink,
  openLink,
} from '@datagram/container'
import { assertPassword, openStore, type Password, type WaitOptions } from '@datagram/log-core'
import type { MultiplexerOptions } from '@datagram/multiplexer'
import type { Address, SwarmOptions } from '@datagram/network'
import b4a from 'b4a'
import { StoreFolder, inUse } from './store-folder.ts'
import { Datagram } from './datagram.ts'
import type { Progress } from './fetch-pace.ts'
import { whileConnected } from './lost-connection.ts'
import { openDatagram } from './open-datagram.ts'
import { assertPeerKey, identified, type PeerKeyOptions } from './peer-identity.ts'
import { type Progressing, progressing } from './progressing.ts'
import { assertAddresses, reachAny } from './reach-any.ts'

/** Name that a single stream gets in its clone, unless `streams` gives another. */
const STREAM_NAME = 'shared'

/** Options of {@link cloneDatagram}. `timeoutMs`: longest time without progress, default 30,000. */
export interface CloneOptions
  extends WaitOptions,
    PeerKeyOptions,
    Pick<MultiplexerOptions, 'offer' | 'accept' | 'want' | 'forbid' | 'logger'> {
  /** Who to clone from: addresses to dial, any of which will do. Omitted: whoever Hyperswarm finds. */
  readonly connect?: readonly Address[] | undefined
  /** Nodes through which Hyperswarm finds peers; default: its public ones. */
  readonly bootstrap?: SwarmOptions['bootstrap']
  /** Password of the new local store. */
  readonly password?: Password | undefined
  /** Password of the link, when it needs one. */
  readonly linkPassword?: Password | undefined
  /**
   * Names of the streams to take; default all, or what was asked for when the clone was begun. For the
   * link of a single stream, the name that it gets: default `shared`.
   */
  readonly streams?: readonly string[] | undefined
  /** Take nothing ahead; what is read is fetched then. Default false. */
  readonly sparse?: boolean | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** Bounds of what a peer may do and take, among them bytes a second; until the clone is closed. */
  readonly limits?: MultiplexerOptions['limits']
}

/**
 * Clones what `link` names into `folder`. Resolves when what was asked for is here; the clone stays
 * connected and hears of news. The folder of an earlier clone of the same link goes on where it was. What is
 * returned can also be iterated: it then gives how far the clone is.
 *
 * Throws `LINK_DAMAGED`, `LINK_VERSION_UNKNOWN`, `LINK_IS_BLIND`, `LINK_PASSWORD_REQUIRED`,
 * `LINK_PASSWORD_WRONG`, `FOLDER_IN_USE`, `CLONE_NO_PEER` (nobody was reached; the reasons are its
 * cause), `ROOT_DECLINED` (the peer does not have what the link names), `CONNECTION_LOST`, `WAIT_TIMEOUT`,
 * `STREAM_NOT_FOUND` (there is none of a name in `streams`), and what opening a store throws. A folder in
 * which nothing has arrived is left as it was.
 */
export function cloneDatagram(
  link: string,
  folder: string,
  options: CloneOptions = {},
): Progressing<Datagram, Progress> {
  return progressing((report) => {
    const onProgress = (progress: Progress) => {
      options.onProgress?.(progress)
      report(progress)
    }
    return clone(link, folder, { ...options, onProgress })
  })
}

async function clone(link: string, folder: string, options: CloneOptions): Promise<Datagram> {
  const { password, linkPassword, streams, connect, signal } = options
  // All that can be wrong is looked at before anything is made.
  assertPassword(password)
  assertAddresses(connect)
  assertPeerKey(options.peerKey)
  assertNames(streams)
  signal?.throwIfAborted()
  const opened = await openLink(link, linkPassword)
  const place = await StoreFolder.look(folder)
  const { datagram, container } = await begin(place, opened, options)
  try {
    if (container === undefined) await takeStream(datagram, link, opened, options, folder)
    else await takeAll({ datagram, container }, options)
    return datagram
  } catch (error) {
    const isEmpty = await hasNothing(datagram)
    await datagram.close()
    if (isEmpty) await place.undo()
    throw error
  }
}

interface Begun {
  readonly datagram: Datagram
  readonly container: Container
}

async function begin(
  place: StoreFolder,
  link: OpenedLink,
  { password, streams, ...options }: CloneOptions,
): Promise<Begun | { readonly datagram: Datagram; readonly container: undefined }> {
  const { offer, accept, want, forbid, logger, limits, peerKey } = options
  const multiplexing = { offer, accept, want, forbid, logger, limits, peerKey }
  // A single stream has no container of its own: it becomes the only one of a new datagram.
  if (link.kind === 'stream') {
    const datagram = await openDatagram(place.path, { password, ...multiplexing })
    return { datagram, container: undefined }
  }
  const store = await openStore(place.path, { password })
  try {
    await claimOrigin(store, link, streams)
    const container = await Container.open(store)
    const identity = await identified(store, multiplexing)
    const datagram = new Datagram(store, container, identity)
    await datagram.moderation.resume()
    return { datagram, container }
  } catch (error) {
    await store.close()
    throw error
  }
}

async function takeAll({ datagram, container }: Begun, options: CloneOptions): Promise<void> {
  const { connect, bootstrap, signal, timeoutMs, streams } = options
  const wait = { signal, timeoutMs }
  const reach = async (at: Address) => (await datagram.connect(at, wait)).rootAgreed(wait)
  if (connect === undefined) await datagram.reachRoot({ bootstrap, ...wait })
  else await reachAny(connect, reach, signal)
  await whileConnected(datagram, signal, async (whole) => {
    if (streams !== undefined) await container.want(streams, { ...wait, signal: whole })
    await datagram.update({ ...options, signal: whole })
  })
}

async function takeStream(
  datagram: Datagram,
  link: string,
  { key }: OpenedLink,
  { streams = [], ...options }: CloneOptions,
  folder: string,
): Promise<void> {
  const known = await datagram.streams().next()
  const isOther = !known.done && !b4a.equals(known.value.key, key)
  if (!datagram.writable || isOther) throw inUse(folder)
  const name = known.done ? (streams[0] ?? STREAM_NAME) : known.value.name
  await whileConnected(datagram, options.signal, (signal) =>
    datagram.attach(link, { ...options, name, signal }),
  )
}

async function hasNothing(datagram: Datagram): Promise<boolean> {
  try {
    return (await datagram.streams().next()).done === true
  } catch {
    // It cannot be read, so there is something.
    return false
  }
}

function assertNames(names: unknown): void {
  if (names === undefined) return
  if (!Array.isArray(names)) throw new TypeError('streams is an array of names')
  for (const name of names) assertStreamName(name)
}
