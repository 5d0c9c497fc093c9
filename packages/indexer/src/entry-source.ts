import type { EntryView } from './entry-view.ts'

/**
 * Sorted entries that are shown one at a time. Reading over a network may stall:
 *
 *   ready → advance → ready | stalled | done,   stalled → load → ready | done
 */
export interface EntrySource {
  /** The entry it stands on, while `ready`. The next move overwrites it. */
  readonly entry: EntryView
  /** Whether the windows of `entry` may be given out without a copy. */
  readonly lends: boolean
  /** `stalled`: blocks are missing, and `load` brings them. */
  readonly state: 'ready' | 'stalled' | 'done'
  /** Goes to the next entry. */
  advance(): void
  /** Brings what it is stalled on; rejects as the log's reads do. Afterwards it is not stalled. */
  load(): Promise<void>
}
