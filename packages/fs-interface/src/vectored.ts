import type { OpenFile } from './open-file.ts'
import { buffersArgument, positionOf } from './transfer-argument.ts'

/** Reads into several buffers, one behind the other. */
export async function readBuffers(
  file: OpenFile,
  buffers: unknown,
  position: unknown,
): Promise<number> {
  let at = positionOf(position)
  let total = 0
  for (const target of buffersArgument(buffers)) {
    const bytesRead = await file.read(target, at)
    total += bytesRead
    if (at !== undefined) at += bytesRead
    if (bytesRead < target.byteLength) break
  }
  return total
}

/** Writes several buffers, one behind the other, in one step. */
export async function writeBuffers(
  file: OpenFile,
  buffers: unknown,
  position: unknown,
): Promise<number> {
  return file.write(Buffer.concat(buffersArgument(buffers)), positionOf(position))
}
