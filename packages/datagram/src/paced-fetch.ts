import type { FetchOptions, FetchProgress } from '@datagram/container'
import type { UpdateOptions } from './attach-options.ts'
import type { Connections } from './connections.ts'
import { FetchPace, type Progress } from './fetch-pace.ts'
import type { Moderation } from './moderation.ts'

/** Who gives what is fetched, and what is not to be fetched. */
export interface FetchSources {
  readonly connections: Connections
  readonly moderation: Moderation
}

/**
 * How a container fetches for a datagram: progress is told with its pace, and what is forbidden here, or is empty
 * and shared by nobody, is not waited for. `report`: told of the progress besides the caller's `onProgress`.
 */
export function pacedFetch(
  { connections, moderation }: FetchSources,
  { onProgress, ...options }: UpdateOptions,
  report?: (progress: Progress) => void,
): FetchOptions {
  const pace = new FetchPace()
  const wait = { signal: options.signal, timeoutMs: options.timeoutMs }
  return {
    ...options,
    onProgress(progress: FetchProgress) {
      const paced = pace.measure(progress, connections.peers.length)
      onProgress?.(paced)
      report?.(paced)
    },
    async isAbsent(id, isEmpty) {
      if (moderation.forbids(id)) return true
      if (!isEmpty) return false
      return !(await connections.isShared(id, wait))
    },
  }
}
