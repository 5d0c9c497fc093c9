import type { BlockRange } from '@datagram/log-core'
import type { Contents } from './contents.ts'
import type { ObjectsDownloadOptions, Pointer } from './interface-stream.ts'
import type { StreamCore } from './stream-core.ts'
import { objectNotFound } from './stream-errors.ts'

/** Brings the blocks here that the bodies of these objects lie in. */
export async function downloadObjects(
  core: StreamCore,
  contents: Contents,
  objects: Iterable<number | Pick<Pointer, 'n'>>,
  { onProgress, ...wait }: ObjectsDownloadOptions,
): Promise<void> {
  const missing = new Set([...objects].map((one) => (typeof one === 'number' ? one : one.n)))
  const blocks: BlockRange[] = []
  for await (const object of contents.many([...missing], wait)) {
    blocks.push(object.blocks)
    missing.delete(object.n)
  }
  for (const n of missing) throw objectNotFound(n)
  const report = onProgress === undefined ? {} : { onProgress }
  try {
    await core.drops.known(0, wait)
    const ranges = joined(blocks).flatMap((range) => core.dropped.standing(range))
    await core.parts.data.download({ ranges, ...wait, ...report })
  } catch (error) {
    throw core.failure(error)
  }
}

/** The same blocks, each named once: small objects share a frame. */
function joined(ranges: readonly BlockRange[]): BlockRange[] {
  const whole: { start: number; end: number }[] = []
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = whole.at(-1)
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end)
    else whole.push({ start, end })
  }
  return whole
}
