import type { Password, WaitOptions } from '@datagram/log-core'
import type { Address, SwarmOptions } from '@datagram/network'
import type { Progress } from './fetch-pace.ts'

/** Options of `Datagram.update`. `timeoutMs`: longest time without progress, default 30,000. */
export interface UpdateOptions extends WaitOptions {
  /** Take nothing ahead; what is read is fetched then. Default false. */
  readonly sparse?: boolean | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/** Options of `Datagram.attach`. */
export interface AttachOptions extends UpdateOptions {
  /** The name that the stream gets here. */
  readonly name: string
  /** Addresses of peers that have it, any of which will do; omitted: Hyperswarm. */
  readonly connect?: readonly Address[] | undefined
  /** Nodes through which Hyperswarm finds peers; default: its public ones. */
  readonly bootstrap?: SwarmOptions['bootstrap']
  /** Password of the link, when it needs one. */
  readonly linkPassword?: Password | undefined
}
