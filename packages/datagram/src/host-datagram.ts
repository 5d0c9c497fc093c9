import { claimHosted, HostedContainer, openBlindLink } from '@datagram/container'
import { assertPassword, openStore, type Password, type WaitOptions } from '@datagram/log-core'
import type { MultiplexerOptions } from '@datagram/multiplexer'
import type { Address } from '@datagram/network'
import { Connections } from './connections.ts'
import { HostedDatagram } from './hosted-datagram.ts'
import { assertPeerKey, identified, type PeerKeyOptions } from './peer-identity.ts'
import { assertAddresses, reachAny } from './reach-any.ts'
import { StoreFolder } from './store-folder.ts'

/** Options of {@link hostDatagram}. `timeoutMs`: longest wait for a peer, default 10,000. */
export interface HostOptions
  extends WaitOptions,
    Omit<MultiplexerOptions, 'peerMemory'>,
    PeerKeyOptions {
  /** Who has the datagram: addresses to dial, any of which will do. Default: nobody is dialled. */
  readonly connect?: readonly Address[] | undefined
  /** Most bytes of blocks that are kept; default: no limit. */
  readonly quotaBytes?: number | undefined
  /** Password of the host's own key file. It holds no key that opens what is hosted. */
  readonly password?: Password | undefined
  /** Hears of what no call is waiting for: `HOST_QUOTA_REACHED`, `LOG_FORKED`, `DISK_FULL`, …. */
  readonly onProblem?: ((problem: unknown) => void) | undefined
}

/**
 * Keeps and serves, in `folder`, the datagram or stream that a blind link names, without being able to read
 * it. Resolves when a peer was reached, or at once where nobody is dialled or the folder has hosted before;
 * from then on the host follows its peers. The folder of the same link goes on where it was.
 *
 * Throws `LINK_NOT_BLIND`, `LINK_DAMAGED`, `LINK_VERSION_UNKNOWN`, `FOLDER_IN_USE`, and, on a first start,
 * why nobody was reached: `CLONE_NO_PEER`, `CONNECTION_REFUSED`, `ROOT_DECLINED`, ….
 */
export async function hostDatagram(
  link: string,
  folder: string,
  options: HostOptions = {},
): Promise<HostedDatagram> {
  const { password, connect, quotaBytes, onProblem, signal, timeoutMs, ...rest } = options
  assertPassword(password)
  assertAddresses(connect)
  assertPeerKey(rest.peerKey)
  const opened = openBlindLink(link)
  signal?.throwIfAborted()
  const place = await StoreFolder.look(folder)
  const store = await openStore(folder, { password })
  try {
    await claimHosted(store, opened)
    const container = await HostedContainer.open(store, { quotaBytes, onProblem })
    const connections = new Connections(container, await identified(store, rest))
    const host = new HostedDatagram(store, container, connections)
    await reachFirst({ host, connections }, connect, { signal, timeoutMs })
    return host
  } catch (error) {
    await store.close()
    await place.undo()
    throw error
  }
}

interface Opened {
  readonly host: HostedDatagram
  readonly connections: Connections
}

async function reachFirst(
  { host, connections }: Opened,
  connect: readonly Address[] = [],
  wait: WaitOptions,
): Promise<void> {
  if (connect.length === 0) return
  try {
    const reach = async (at: Address) => (await host.connect(at, wait)).rootAgreed(wait)
    await reachAny(connect, reach, wait.signal)
  } catch (error) {
    // What was hosted before can be served, whoever is there; and those who are not may come.
    if (host.stats().bytes > 0 && !wait.signal?.aborted) {
      for (const address of connect) connections.insist(address)
      return
    }
    await host.close()
    throw error
  }
}
