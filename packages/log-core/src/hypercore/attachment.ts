/// <reference path="./declarations.d.ts" />
import type Hypercore from 'hypercore'
import type { LogAttachment, Muxer } from '../log.ts'

/** Replicates `core` over a muxer until it is detached. `onDetach` runs once. */
export function attachLog(core: Hypercore, muxer: Muxer, onDetach: () => void): LogAttachment {
  const { replicator } = core.core
  if (!replicator.attached(muxer)) replicator.attachTo(muxer)
  let detaching: Promise<void> | undefined
  return {
    detach() {
      detaching ??= detachLog(core, muxer, onDetach)
      return detaching
    },
  }
}

// `detachFrom` alone leaves the log's channel open, and the log goes on replicating. The channel is made a
// moment after the connection's handshake, also when the log was detached before that.
async function detachLog(core: Hypercore, muxer: Muxer, onDetach: () => void): Promise<void> {
  onDetach()
  core.core.replicator.detachFrom(muxer)
  await muxer.stream.opened
  // Attached again meanwhile: the channel goes on.
  if (core.core.replicator.attached(muxer)) return
  const id = core.discoveryKey
  muxer.getLastChannel({ protocol: 'hypercore/alpha', id })?.close()
}
