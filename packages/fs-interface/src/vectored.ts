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
  const list = buffersArgument(buffers)
  const bytes = list.reduce((sum, { byteLength }) => sum + byteLength, 0)
  const memory = takeMemory(bytes)
  let filled = 0
  for (const buffer of list) {
    memory.set(buffer, filled)
    filled += buffer.byteLength
  }
  const written = await file.write(memory.subarray(0, bytes), positionOf(position))
  // Nobody uses it any more. Where the write has failed, that is not sure.
  if (memory.byteLength <= SPARE_BYTES_MAX) spare = memory
  return written
}

// Streams write step after step: new memory for each costs more than half of what encrypting it does.
const SPARE_BYTES_MAX = 16 * 1024 * 1024 + 64 * 1024
let spare: Uint8Array | undefined

function takeMemory(bytes: number): Uint8Array {
  const found = spare
  if (found === undefined || found.byteLength < bytes) return Buffer.allocUnsafeSlow(bytes)
  spare = undefined
  return found
}
