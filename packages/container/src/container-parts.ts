import type { KeyPair, Store } from '@datagram/log-core'
import type { Members } from './members.ts'
import type { Root } from './root.ts'

/** What changes of the set of a container's streams are made with. */
export interface ContainerParts {
  readonly store: Store
  readonly members: Members
  readonly root: Root
  /** Who makes streams here; undefined where they are to name nobody. */
  readonly author: KeyPair | undefined
}
