import b4a from 'b4a'

// A block of fewer bytes costs little memory; chunks of large bodies have 256 KiB, and all the same length.
const LARGE_BYTES = 64 * 1024
// What all logs together keep: some steps of a file that is written as a stream.
const KEPT_BYTES_MAX = 8 * 1024 * 1024

/*
 * Sealed blocks live until they are in the storage. New memory for each large one costs more than half of what
 * sealing it does: the system hands it out page by page, and the collector has to find out that it is free. What is given back
 * holds what was just written to the disk, as it was written.
 */
const spare = new Map<number, Uint8Array[]>()
let keptBytes = 0

/** Memory of so many bytes, whatever they are. */
export function takeMemory(bytes: number): Uint8Array {
  const found = bytes < LARGE_BYTES ? undefined : spare.get(bytes)?.pop()
  if (found === undefined) return b4a.allocUnsafe(bytes)
  keptBytes -= bytes
  return found
}

/** Lets go of memory that was taken, which nobody uses any more. */
export function giveBack(memory: Uint8Array): void {
  const bytes = memory.byteLength
  if (bytes < LARGE_BYTES) return
  if (keptBytes + bytes > KEPT_BYTES_MAX) {
    // Of lengths that nobody asks for any more, perhaps.
    spare.clear()
    keptBytes = 0
  }
  const ofLength = spare.get(bytes)
  if (ofLength === undefined) spare.set(bytes, [memory])
  else ofLength.push(memory)
  keptBytes += bytes
}
