import type { DownloadProgress } from '@datagram/log-core'

/** Adds up the progress of several downloads. */
export class JointProgress {
  readonly #parts: DownloadProgress[] = []
  readonly #onProgress: ((progress: DownloadProgress) => void) | undefined

  constructor(onProgress: ((progress: DownloadProgress) => void) | undefined) {
    this.#onProgress = onProgress
  }

  /** What one of the downloads reports to. */
  part(): (progress: DownloadProgress) => void {
    const at = this.#parts.push({ blocksDone: 0, blocksWanted: 0, bytesReceived: 0 }) - 1
    return (progress) => {
      this.#parts[at] = progress
      this.#onProgress?.(this.#sum())
    }
  }

  #sum(): DownloadProgress {
    const sum = { blocksDone: 0, blocksWanted: 0, bytesReceived: 0 }
    for (const { blocksDone, blocksWanted, bytesReceived } of this.#parts) {
      sum.blocksDone += blocksDone
      sum.blocksWanted += blocksWanted
      sum.bytesReceived += bytesReceived
    }
    return sum
  }
}
