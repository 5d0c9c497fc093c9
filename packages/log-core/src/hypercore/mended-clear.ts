/// <reference path="./declarations.d.ts" />
import type Hypercore from 'hypercore'

// A core that was closed and opened again may keep its state, so the mend is made once a state.
const mended = new WeakSet<object>()

/**
 * Makes `clear` of this core keep its Merkle nodes.
 *
 * Hypercore 11.37.1 deletes nodes on clear that the proofs of live neighbours need: survivors can no
 * longer be served, and each attempt destroys the whole connection. So the write batches of this core
 * do not delete single tree nodes at all; clear is the only caller (truncate, the other one, is never
 * used here). A node is 40 bytes; what stays is what a reader needs to verify the survivors.
 */
export function keepTreeNodes(core: Hypercore): void {
  const { state } = core
  if (mended.has(state)) return
  mended.add(state)
  const createWriteBatch = state.createWriteBatch.bind(state)
  state.createWriteBatch = () => {
    const batch = createWriteBatch()
    batch.deleteTreeNode = () => undefined
    return batch
  }
}
