import type { Index } from '@datagram/indexer'
import type { Log } from '@datagram/log-core'
import type { ForgottenAlone } from './forgotten-alone.ts'
import type { Logger } from './logger.ts'

/** What a stream is made of. */
export interface StreamParts {
  readonly name: string
  readonly data: Log
  readonly indexLog: Log
  readonly index: Index
  readonly logger: Logger | undefined
  /** What this machine has forgotten of it alone; undefined where that cannot be kept. */
  readonly alone: ForgottenAlone | undefined
  /** Is awaited before anything is forgotten; see `OpenStreamOptions.onForget`. */
  readonly onForget: (() => Promise<void>) | undefined
}
