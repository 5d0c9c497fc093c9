/// <reference path="./declarations.d.ts" />
import type Hypercore from 'hypercore'
import crypto from 'hypercore-crypto'
import type { BlockInput } from '../envelope.ts'
import { GroupCommit, type Outcome } from '../group-commit.ts'
import { logError } from '../log-errors.ts'
import { reachStep } from '../steps.ts'
import { appendInOneTrip } from './one-trip-append.ts'
import { sealBlock, type Sealing } from './sealed-block.ts'
import { giveBack } from './spare-memory.ts'
import { coded } from './storage-errors.ts'

// Bytes that one append takes from the queue; more wait for the next. What is written in several appends is sealed
// and hashed while the engine writes what came before: two such groups are in memory at a time.
const GROUP_BYTES_MAX = 2 * 1024 * 1024
// Less than this is ready in so little time that it is better to wait for more.
const AHEAD_BYTES_MIN = 256 * 1024
// Sealing and hashing so many bytes takes about 3 ms; then the event loop's other work has its turn.
const TURN_BYTES = 1024 * 1024

/** Blocks to be appended together. */
export interface Batch {
  readonly blocks: readonly BlockInput[]
  /** The only index that the first of them may get. */
  readonly at: number | undefined
}

/** What appending needs of its log. */
export interface AppendContext extends Sealing {
  /** Runs after each append and before it is acknowledged: marks, and the disk where asked. */
  readonly acknowledge: (core: Hypercore) => Promise<void>
}

/** Batches sealed for the place that they will have. */
interface SealedGroup {
  readonly batches: readonly Batch[]
  /** Index of the first block. */
  readonly start: number
  readonly blocks: Uint8Array[]
  readonly leaves: Uint8Array[]
  readonly outcomes: readonly Outcome[]
}

/** All appends to one log of our own. */
export class BlockAppends {
  readonly #core: Hypercore
  readonly #context: AppendContext
  readonly #groups = new GroupCommit<Batch, SealedGroup>(
    { prepare: (batches) => this.#seal(batches), commit: (group) => this.#commit(group) },
    { weightMax: GROUP_BYTES_MAX, aheadWeightMin: AHEAD_BYTES_MIN },
  )
  // How long the log will be when the append that is under way has gone well.
  #lengthToBe: number | undefined

  constructor(core: Hypercore, context: AppendContext) {
    this.#core = core
    this.#context = context
  }

  /** Resolves with the index of the first block, once it is acknowledged. `bytes`: of the payloads. */
  add(batch: Batch, bytes: number): Promise<number> {
    return this.#groups.add(batch, bytes)
  }

  /** Resolves when nothing is waiting or in flight; never rejects. */
  idle(): Promise<void> {
    return this.#groups.idle()
  }

  async #seal(batches: readonly Batch[]): Promise<SealedGroup> {
    const start = this.#lengthToBe ?? this.#core.length
    const blocks: Uint8Array[] = []
    const leaves: Uint8Array[] = []
    const outcomes: Outcome[] = []
    let bytesOfTurn = 0
    for (const batch of batches) {
      const position = start + blocks.length
      if (batch.at !== undefined && batch.at !== position) {
        outcomes.push(isElsewhere(batch.at, position))
        continue
      }
      outcomes.push(position)
      for (const [i, block] of batch.blocks.entries()) {
        const isLast = i === batch.blocks.length - 1
        const sealed = sealBlock(this.#context, position + i, block, isLast)
        blocks.push(sealed)
        leaves.push(crypto.data(sealed))
        bytesOfTurn += sealed.byteLength
        if (bytesOfTurn < TURN_BYTES) continue
        await new Promise(setImmediate)
        bytesOfTurn = 0
      }
    }
    return { batches, start, blocks, leaves, outcomes }
  }

  async #commit(group: SealedGroup): Promise<readonly Outcome[]> {
    // A block is sealed for its place, which is another one when the append before it has failed.
    const sealed = group.start === this.#core.length ? group : await this.#seal(group.batches)
    const { start, blocks, leaves, outcomes } = sealed
    if (blocks.length === 0) return outcomes
    this.#lengthToBe = start + blocks.length
    try {
      reachStep('log.append.before')
      await coded(() => appendInOneTrip(this.#core, blocks, leaves))
      for (const block of blocks) giveBack(block)
      reachStep('log.append.after')
      await coded(() => this.#context.acknowledge(this.#core))
      return outcomes
    } finally {
      this.#lengthToBe = undefined
    }
  }
}

function isElsewhere(at: number, length: number): Error {
  return logError(
    'LOG_LENGTH_DIFFERS',
    `the blocks were to begin at ${at}, and the log has ${length} blocks; read what was appended before, then decide anew`,
    { details: { at, length } },
  )
}
