import type { AttachableLog } from '@datagram/log-core'

/**
 * One stream as a connection sees it: a set of logs under one name on the wire. It knows nothing of
 * what the stream holds.
 */
export interface ReplicableStream {
  /** How the wire names it: the discovery key of its indexer log, 32 bytes; reveals no key. */
  readonly id: Uint8Array
  /** Public key of its indexer log, 32 bytes. Whoever proves to know it may replicate the stream. */
  readonly key: Uint8Array
  /**
   * Of a container's own stream: the key that opens it, 32 bytes. Peers that prove to know it too are told what a host
   * that cannot read need not know. Undefined where it is not known here.
   */
  readonly readKey?: Uint8Array | undefined
  /** Name of its interface (`kv`), or `''` where that is not to be shown. */
  readonly type: string
  /** Labels that its owner shows to peers. */
  readonly labels: readonly string[]
  /** Name that it has here; never sent. Undefined for a container's own stream, and where none is known. */
  readonly name?: string | undefined
  /**
   * Its author: the public key of who made it, 32 bytes, where that is proven here: by the datagram that it was made in, or
   * by its own header, which only who can read the stream sees. Undefined of streams that name nobody.
   */
  readonly author?: Uint8Array | undefined
  /**
   * The id of the datagram that it was made in, 32 bytes. Known of the streams of that datagram, here and on its clones;
   * not of those that were attached by a link.
   */
  readonly origin?: Uint8Array | undefined
  /**
   * Its logs: the indexer, the data log, and for a container's own stream the roster as third. A clone
   * begins with the indexer alone, reads of the others there, and says so by `onStreamChanged`.
   */
  readonly logs: readonly AttachableLog[]
}

/** What a multiplexer asks of a container. */
export interface Replicable {
  /** The container's own stream. Whoever proves to know its key is shown all the others. */
  readonly root: ReplicableStream
  /** Every stream that is open here, the root first. */
  streams(): readonly ReplicableStream[]
  /** Calls back for each stream that is opened or attached later; returns the undo. */
  onStreamAdded(listener: (stream: ReplicableStream) => void): () => void
  /**
   * Calls back when the logs of a stream have grown in number (attach the new ones wherever the stream
   * is accepted) or its labels have changed; returns the undo.
   */
  onStreamChanged(listener: (stream: ReplicableStream) => void): () => void
  /** Calls back for each stream that leaves; returns the undo. */
  onStreamRemoved(listener: (id: Uint8Array) => void): () => void
}
