import type { WaitOptions } from '@datagram/log-core'
import b4a from 'b4a'
import { batches } from './batches.ts'
import { batchesBackwards } from './batches-backwards.ts'
import { ForgottenSince } from './forgotten-since.ts'
import { putEntry } from './index-operations.ts'
import type { Moment } from './interface-stream.ts'
import { spacedKey } from './key-space.ts'
import { assertWas, compareMoments, forgottenSince, momentOf, neverWas, notKept } from './moment.ts'
import type { OverlayEntry } from './overlay.ts'
import { PastSource } from './past-source.ts'
import { type PlacedOperation, transactionsOf } from './placed-transaction.ts'
import { SpaceSnapshot } from './space-snapshot.ts'
import type { StreamCore } from './stream-core.ts'

/** One key space as it was at a moment; see `InterfaceStream.checkout`. */
export async function checkout(
  core: StreamCore,
  space: number,
  { moment: given, ...wait }: { readonly moment: Moment } & WaitOptions,
): Promise<SpaceSnapshot> {
  core.assertUsable()
  const moment = momentOf(given)
  // Taken at one instant: nothing is applied between the two.
  const present = core.parts.index.snapshot()
  const { shown } = core
  try {
    await assertWas(core.blocks, moment, { shown, ...wait })
    await core.drops.known(0, wait)
    if (core.dropped.hasLostHistory({ start: moment.position, end: shown })) {
      throw notKept(moment.position)
    }
    const undone = new Undone(space, moment, await ForgottenSince.of(space, moment, present))
    await undone.read(core, shown, wait)
    return new SpaceSnapshot(core, space, new PastSource(present, undone.entries()))
  } catch (error) {
    present.close()
    throw core.failure(error)
  }
}

/**
 * The keys that changed after a moment, with their entries at it. What changed is found on the way from the
 * log's end down to the moment, what it was before that further down.
 */
class Undone {
  readonly #space: number
  readonly #moment: Moment
  readonly #forgotten: ForgottenSince
  readonly #wanted = new Map<string, Uint8Array>()
  readonly #found = new Map<string, OverlayEntry>()

  constructor(space: number, moment: Moment, forgotten: ForgottenSince) {
    this.#space = space
    this.#moment = moment
    this.#forgotten = forgotten
  }

  async read(core: StreamCore, shown: number, wait: WaitOptions): Promise<void> {
    const data = core.blocks
    const { position, transactions } = this.#moment
    if (transactions > 0) await this.#assertWithin(core, shown, wait)
    for await (const batch of batchesBackwards(data, { from: position, to: shown, ...wait })) {
      this.#take(batch)
      this.#forgotten.take(batch)
    }
    const from = core.dropped.historySince(position)
    if (await this.#forgotten.isAny(data, from, wait)) throw forgottenSince(position)
    if (this.#wanted.size === 0) return
    for await (const batch of batchesBackwards(data, { from, to: position, ...wait })) {
      this.#take(batch)
      if (this.#wanted.size === 0) return
    }
    if (from > 0 && this.#wanted.size > 0) throw notKept(position)
  }

  /** The entries as the index would have them; those that were not there yet have no value. */
  *entries(): Generator<OverlayEntry, void, undefined> {
    yield* this.#found.values()
    for (const key of this.#wanted.values()) yield { key, value: undefined }
  }

  #take(batch: Parameters<typeof transactionsOf>[1]): void {
    for (const { moment, operations } of transactionsOf(this.#space, batch).reverse()) {
      const isLater = compareMoments(moment, this.#moment) > 0
      for (const one of [...operations].reverse()) {
        if (isLater) this.#want(one)
        else this.#find(one)
      }
    }
  }

  #want({ operation }: PlacedOperation): void {
    if (operation.type === 'object' || operation.type === 'revision') return
    const name = b4a.toString(operation.key, 'latin1')
    if (!this.#wanted.has(name)) this.#wanted.set(name, spacedKey(this.#space, operation.key))
  }

  #find({ operation, block }: PlacedOperation): void {
    if (operation.type === 'object' || operation.type === 'revision') return
    const name = b4a.toString(operation.key, 'latin1')
    const key = this.#wanted.get(name)
    if (key === undefined) return
    const value = operation.type === 'put' ? putEntry(operation.body, block) : undefined
    this.#found.set(name, { key, value })
    this.#wanted.delete(name)
  }

  // A moment amid an append comes before its last transaction.
  async #assertWithin(core: StreamCore, shown: number, wait: WaitOptions): Promise<void> {
    const { position, transactions } = this.#moment
    const options = { from: position, to: shown, ...wait }
    for await (const batch of batches(core.blocks, options)) {
      if (transactionsOf(this.#space, batch).length > transactions) return
      break
    }
    throw neverWas(position)
  }
}
