/// <reference path="./declarations.d.ts" />
import b4a from 'b4a'
import Hypercore from 'hypercore'
import type { LengthMarks } from '../length-marks.ts'
import { logError } from '../log-errors.ts'
import type { ForkNews } from '../log.ts'
import { firstHole } from './local-blocks.ts'
import { senderOf } from './quiet-conflicts.ts'
import { coded } from './storage-errors.ts'

/**
 * What is known of a log's past: whether it is all there, and whether there is only one.
 *
 * One key must never sign two histories, so a log of our own that is shorter than, or different from, what
 * was acknowledged has a `problem` and is not extended. A replica has one until its peers have brought it
 * back to where it was.
 */
export class LogHistory {
  readonly #core: Hypercore
  readonly #marks: LengthMarks
  readonly #isOwn: boolean
  #problem: Error | undefined
  readonly #onForked = new Set<(news: ForkNews) => void>()

  private constructor(core: Hypercore, marks: LengthMarks, isOwn: boolean) {
    this.#core = core
    this.#marks = marks
    this.#isOwn = isOwn
  }

  /** The history of a log that was just opened. */
  static async open(
    core: Hypercore,
    marks: LengthMarks,
    { isOwn }: { readonly isOwn: boolean },
  ): Promise<LogHistory> {
    const history = new LogHistory(core, marks, isOwn)
    history.#problem = await history.#compare()
    core.on('conflict', (at: number, _fork: number, proof: object) => {
      history.#forked({ length: at, from: senderOf(proof) })
    })
    if (!isOwn) core.on('append', () => history.#heard())
    return history
  }

  /** `LOG_ROLLED_BACK` or `LOG_FORKED`, or undefined. */
  get problem(): Error | undefined {
    return this.#problem
  }

  /** Calls back when a peer proves that the key has signed another history; returns the undo. */
  onForked(listener: (news: ForkNews) => void): () => void {
    this.#onForked.add(listener)
    return () => {
      this.#onForked.delete(listener)
    }
  }

  /** Marks the log as it is now: it is acknowledged after this. */
  acknowledge({ isSynced }: { readonly isSynced: boolean }): void {
    const { length, discoveryKey } = this.#core
    const syncedLength = isSynced ? length : (this.#marks.get(discoveryKey)?.syncedLength ?? 0)
    // The hash that was signed a moment ago; making it again would cost as much as the mark.
    const { tree } = this.#core.core.header
    const treeHash =
      tree.length === length && tree.rootHash !== null ? tree.rootHash : this.#core.state.hash()
    this.#set({ length, syncedLength, treeHash, isForked: false })
  }

  async #compare(): Promise<Error | undefined> {
    const { length, discoveryKey } = this.#core
    const mark = this.#marks.get(discoveryKey)
    if (mark === undefined) return this.#begin()
    if (mark.isForked) return forked(length)
    if (length < mark.length) {
      return this.#rolledBack(`${mark.length} blocks had been acknowledged`)
    }
    if (!(await this.#hasHash(mark.length, mark.treeHash))) {
      return this.#rolledBack('its blocks are not those that had been acknowledged')
    }
    const hole = this.#isOwn ? await firstHole(this.#core, mark.syncedLength) : undefined
    return hole === undefined ? undefined : this.#rolledBack(`block ${hole} is missing`)
  }

  async #begin(): Promise<Error | undefined> {
    if (this.#isOwn && this.#core.length > 0) return this.#rolledBack('its mark is missing')
    const treeHash = this.#core.state.hash()
    this.#set({ length: this.#core.length, syncedLength: 0, treeHash, isForked: false })
    // Once a log: a log of our own without its mark counts as rolled back.
    if (this.#isOwn) await coded(() => this.#marks.sync())
    return undefined
  }

  // A replica that had lost its tail has it back when it is as long again, and the same.
  #heard(): void {
    const { length, discoveryKey } = this.#core
    const mark = this.#marks.get(discoveryKey)
    if (mark === undefined || mark.isForked || length < mark.length) return
    if (this.#problem === undefined) return this.acknowledge({ isSynced: false })
    this.#hasHash(mark.length, mark.treeHash).then(
      (same) => {
        if (!same) return this.#forked({ length, from: undefined })
        this.#problem = undefined
        this.acknowledge({ isSynced: false })
      },
      // What cannot be read now is compared again at the next news.
      () => undefined,
    )
  }

  #forked(news: ForkNews): void {
    const { length, discoveryKey } = this.#core
    this.#problem = forked(length)
    const mark = this.#marks.get(discoveryKey)
    if (mark !== undefined) this.#set({ ...mark, isForked: true })
    for (const listener of [...this.#onForked]) listener(news)
  }

  async #hasHash(length: number, treeHash: Uint8Array): Promise<boolean> {
    // A log that was just opened has the roots of all its blocks in memory.
    const hash =
      length === this.#core.length
        ? this.#core.state.hash()
        : await coded(() => Hypercore.treeHashFromStorage(this.#core, length))
    return b4a.equals(hash, treeHash)
  }

  #set(mark: Parameters<LengthMarks['set']>[1]): void {
    this.#marks.set(this.#core.discoveryKey, mark)
  }

  #rolledBack(why: string): Error {
    const remedy = this.#isOwn
      ? 'It opens read-only; take the rest back from a peer, or go on in a fresh log'
      : 'update() from a peer brings it back'
    return logError(
      'LOG_ROLLED_BACK',
      `the log has ${this.#core.length} blocks, but ${why}: its tail was lost or it was put back from an old copy. ${remedy}`,
      { details: { length: this.#core.length } },
    )
  }
}

function forked(length: number): Error {
  return logError(
    'LOG_FORKED',
    'two histories were signed with the key of this log: a copy of its store was written to. What is here can be read; nothing is appended or taken from peers any more',
    { details: { length } },
  )
}
