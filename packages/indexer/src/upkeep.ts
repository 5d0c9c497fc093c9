import type { WaitOptions } from '@datagram/log-core'

/**
 * What goes on behind an index beside its reads: of one's own the keeper's work, of somebody else's the
 * follower's.
 */
export interface Upkeep {
  /** What last failed in the background. */
  readonly problem: Error | undefined
  /** To be called after operations were applied. */
  applied(): void
  ready(): Promise<void>
  flush(): Promise<void>
  compact(): Promise<void>
  /** Drops all that the head does not need, at once. */
  dropSuperseded(): Promise<void>
  /** Goes over to a newer head; true when there was one. */
  update(wait: WaitOptions): Promise<boolean>
  close(): Promise<void>
}
