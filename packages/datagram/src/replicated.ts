import type { Replicable } from '@datagram/container'

/** What connections carry: a container, or one that is only hosted. */
export interface Replicated extends Replicable {
  /** Makes everything ready to be replicated. */
  prepare(): Promise<void>
}
