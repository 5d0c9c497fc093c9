/// <reference path="./declarations.d.ts" />
import b4a from 'b4a'
import flat from 'flat-tree'
import type Hypercore from 'hypercore'
import type { Core, Hints, StorageRead, TreeBatch, WriteBatch } from 'hypercore'

const BITS_PER_PAGE = 32_768

// A core that was closed and opened again may keep its state, so the mend is made once a state.
const mended = new WeakMap<object, OneTripAppend>()

/**
 * Appends to a log of our own with one trip to its storage.
 *
 * Hypercore 11.37.1 makes three and waits for each: it reads the page of the bitfield that it has in memory,
 * writes, and writes the hints again that were in that write. The first and the last are a third of what an
 * append costs. Here the page comes out of memory, and hints that are on disk already are not written again.
 *
 * Both hold because hypercore changes the bitfield and the hints of its default state under that state's lock,
 * on disk and then in memory, and an append has the lock from before it reads to after it writes. What is
 * written is what hypercore would have written: a crash finds the same, in the same one batch of the engine.
 *
 * `leaves`: the hash of each block (`data` of hypercore-crypto), made beforehand: hypercore makes them while it has
 * the lock, one append after another, and writes nothing in that time.
 */
export function appendInOneTrip(
  core: Hypercore,
  blocks: Uint8Array[],
  leaves: readonly Uint8Array[],
): Promise<void> {
  let mend = mended.get(core.state)
  if (mend === undefined) {
    mend = new OneTripAppend(core)
    mended.set(core.state, mend)
  }
  return mend.append(core, blocks, leaves)
}

class OneTripAppend {
  readonly #core: Core
  // While an append of ours is under way; whatever else uses the state is left alone.
  #isUnderWay = false
  #leaves: readonly Uint8Array[] = []
  // Between an append's head and its bitfield, where nothing else can run.
  #isPageDue = false
  #written: Hints | undefined

  constructor({ core, state }: Hypercore) {
    this.#core = core
    const { storage } = state
    const read = storage.read.bind(storage)
    storage.read = () => this.#takeRead() ?? read()
    const createWriteBatch = state.createWriteBatch.bind(state)
    state.createWriteBatch = () => this.#watched(createWriteBatch())
    const createTreeBatch = state.createTreeBatch.bind(state)
    state.createTreeBatch = () => this.#hashed(createTreeBatch())
    const flushHints = core.flushHints.bind(core)
    core.flushHints = () => (this.#haveHints() ? Promise.resolve() : flushHints())
  }

  async append(
    session: Hypercore,
    blocks: Uint8Array[],
    leaves: readonly Uint8Array[],
  ): Promise<void> {
    this.#isUnderWay = true
    this.#leaves = leaves
    try {
      await session.append(blocks)
    } finally {
      this.#isUnderWay = false
      this.#leaves = []
      this.#isPageDue = false
      this.#written = undefined
    }
  }

  #watched(batch: WriteBatch): WriteBatch {
    if (!this.#isUnderWay) return batch
    const setHead = batch.setHead.bind(batch)
    batch.setHead = (head) => {
      setHead(head)
      this.#isPageDue = true
    }
    const setHints = batch.setHints.bind(batch)
    batch.setHints = (hints) => {
      setHints(hints)
      this.#written = hints
    }
    return batch
  }

  #hashed(batch: TreeBatch): TreeBatch {
    if (!this.#isUnderWay) return batch
    const leaves = this.#leaves[Symbol.iterator]()
    batch.append = (block) => {
      const { value: hash, done } = leaves.next()
      if (done === true) throw new Error('an append has the hash of each of its blocks')
      const index = 2 * batch.length
      batch.appendRoot({ index, size: block.byteLength, hash }, flat.iterator(index))
    }
    return batch
  }

  #takeRead(): StorageRead | undefined {
    if (!this.#isPageDue) return undefined
    this.#isPageDue = false
    const { bitfield } = this.#core
    const page = async (index: number) => {
      const found = bitfield.getBitfield(index * BITS_PER_PAGE)?.bitfield
      // A copy: the append sets its bits in it.
      return found === undefined
        ? null
        : b4a.from(new Uint8Array(found.buffer, found.byteOffset, found.byteLength))
    }
    return { getBitfieldPage: page, getBlock: notHere, getTreeNode: notHere, tryFlush: () => {} }
  }

  // They become those that were written only after that has gone well.
  #haveHints(): boolean {
    const { hints } = this.#core.header
    const isWritten =
      this.#written?.contiguousLength === hints.contiguousLength &&
      this.#written.remoteContiguousLength === hints.remoteContiguousLength &&
      !hints.recovering
    if (isWritten) this.#core.hintsChanged = false
    return isWritten
  }
}

function notHere(): Promise<never> {
  return Promise.reject(new Error('an append reads nothing but pages of the bitfield'))
}
