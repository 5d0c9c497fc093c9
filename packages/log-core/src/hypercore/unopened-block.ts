/// <reference path="./declarations.d.ts" />
import b4a from 'b4a'
import type Hypercore from 'hypercore'
import crypto from 'hypercore-crypto'
import { logError } from '../log-errors.ts'
import { coded } from './storage-errors.ts'

/**
 * Why a block does not open: it is not what was signed (the Merkle leaf tells), or the key is wrong. `sealed`:
 * absent where the attempt has spoilt it; it is read again.
 */
export async function unopenedBlock(
  core: Hypercore,
  index: number,
  sealed: Uint8Array | undefined,
): Promise<Error> {
  const read = core.state.storage.read()
  const reading = Promise.all([read.getTreeNode(2 * index), sealed ?? read.getBlock(index)])
  read.tryFlush()
  const [leaf, block] = await coded(() => reading)
  if (leaf !== null && block !== null && !b4a.equals(leaf.hash, crypto.data(block))) {
    return logError(
      'BLOCK_DAMAGED',
      `block ${index} is damaged on this disk; evict it and fetch it again`,
    )
  }
  return logError(
    'BLOCK_KEY_WRONG',
    `block ${index} does not open with this key; check the link or key`,
  )
}
