import type { WriteStream } from 'node:fs'

/**
 * Lets what is written to a stream in one turn be one step. Node hands the first piece on at once and alone, and
 * gathers only what comes while that is being written: of steps of many cells every second one was a piece of one.
 * What is acknowledged, and when, stays as it is.
 */
export function gatherWrites(stream: WriteStream): WriteStream {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean
  let isGathering = false
  const uncork = () => {
    isGathering = false
    stream.uncork()
  }
  stream.write = (...args: unknown[]) => {
    if (!isGathering) {
      isGathering = true
      stream.cork()
      process.nextTick(uncork)
    }
    return write(...args)
  }
  return stream
}
