import { isDatagramError } from '@datagram/errors'
import type { Log, WaitOptions } from '@datagram/log-core'
import { dropAlone } from './drop-alone.ts'
import type { DroppedBlocks } from './dropped-blocks.ts'
import type { ForgottenAlone } from './forgotten-alone.ts'
import { leftWithout } from './frame-body.ts'
import type { KeptBlocks } from './kept-blocks.ts'
import { standFor } from './moved-frame.ts'

/** What is needed to keep what was forgotten alone forgotten. */
export interface FollowAloneContext {
  readonly parts: { readonly data: Log; readonly alone: ForgottenAlone | undefined }
  readonly blocks: Pick<KeptBlocks, 'known'>
  readonly dropped: DroppedBlocks
}

/**
 * Where the author has moved a frame of which something was forgotten here alone, what stands for it now has that
 * again, and lacks what the author forgot: it goes here too, and what is left is what both left.
 */
export async function followAlone(
  { parts: { data, alone }, blocks, dropped }: FollowAloneContext,
  wait: WaitOptions = {},
): Promise<void> {
  if (alone === undefined || alone.ranges.length === 0) return
  await blocks.known(0, wait)
  for (const [block, at] of dropped.moved) {
    if (!alone.hasLeft(block) || alone.has(at)) continue
    try {
      const frame = standFor(block, await data.getBlock(at, wait))
      const payload = leftWithout(frame.payload, (await alone.left(block)).payload, [])
      const range = { start: at, end: at + 1 }
      await alone.forget([range], [{ frame, payload: payload ?? frame.payload }])
      await dropAlone(data, [range])
    } catch (error) {
      // The next update brings it.
      if (!isDatagramError(error, 'BLOCK_UNAVAILABLE')) throw error
    }
  }
}
