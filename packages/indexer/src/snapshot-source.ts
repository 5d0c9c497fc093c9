import type { WaitOptions } from '@datagram/log-core'
import { indexError } from './index-errors.ts'
import type { View, ViewSource } from './view.ts'

/** Gives a snapshot's reads their one view. */
export class SnapshotSource implements ViewSource {
  readonly #view: View
  readonly #live: ViewSource

  constructor(live: ViewSource) {
    this.#view = live.view()
    this.#live = live
  }

  view(): View {
    return this.#view
  }

  /** Always rejects: a newer view is another moment. */
  async renew(failed: View, error: unknown, wait: WaitOptions): Promise<View> {
    await this.#live.renew(failed, error, wait)
    throw snapshotGone(error)
  }
}

/** The error of a read of a past moment whose blocks were dropped. */
export function snapshotGone(cause?: unknown): Error {
  return indexError(
    'INDEX_SNAPSHOT_GONE',
    'the author of the index has merged and dropped blocks that this moment of it needs; read again, from the present',
    cause === undefined ? {} : { cause },
  )
}
