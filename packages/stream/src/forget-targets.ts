import { type BlockRange, decode } from '@datagram/log-core'
import b4a from 'b4a'
import { entryName, objectName } from './frame-names.ts'
import { type Frame, frame } from './frame.ts'
import { bodyOf, type FrameOperation, isNumbered } from './frame-operation.ts'
import type { BlockReader } from './kept-blocks.ts'
import { type Place, placeOf, rangeOf } from './place.ts'
import { redactFrame } from './redact-frame.ts'

/** Where in the data log something was said. */
interface Position {
  readonly block: number
  readonly at: number
}

interface KeyRangeTarget extends Position {
  readonly space: number
  readonly from: Uint8Array
  readonly to: Uint8Array | undefined
}

/** What is found in a frame that is to be forgotten. */
export interface FoundTargets {
  /** The frame's payload without it; undefined where all of it lies in chunks, or there is none. */
  readonly left: Uint8Array | undefined
  /** Chunks of bodies that go. */
  readonly chunks: readonly BlockRange[]
  /** Bodies of objects that go. */
  readonly objects: readonly { readonly n: number; readonly place: Place }[]
}

/** What is to be forgotten: each up to the place in the data log where that was said. */
export class ForgetTargets {
  readonly #entries = new Map<string, Position & { readonly hash: number }>()
  readonly #objects = new Map<number, Position>()
  readonly #ranges: KeyRangeTarget[] = []

  /** What these frames say. */
  static async of(log: BlockReader, pending: readonly number[]): Promise<ForgetTargets> {
    const targets = new ForgetTargets()
    for (const { index, payload } of await log.getBlocks(pending)) {
      decode(frame, payload).operations.forEach((operation, at) => {
        targets.add(operation, { block: index, at })
      })
    }
    return targets
  }

  /** Takes an operation that says that something is to be forgotten; any other is passed over. */
  add(operation: FrameOperation, position: Position): void {
    if (operation.type === 'forget-object') this.#objects.set(operation.n, position)
    if (operation.type === 'forget-entry') {
      const hash = entryName(operation.space, operation.key)
      this.#entries.set(nameOf(operation), { ...position, hash })
    }
    if (operation.type === 'forget-range') {
      const { space, from, to } = operation
      this.#ranges.push({ space, from, to, ...position })
    }
  }

  /** Numbers of the objects among them. */
  get objects(): readonly number[] {
    return [...this.#objects.keys()]
  }

  /** Hashes that frames which hold something of it are found by; undefined: any frame may. */
  get names(): readonly number[] | undefined {
    if (this.#ranges.length > 0) return undefined
    const entries = [...this.#entries.values()].map(({ hash }) => hash)
    return [...entries, ...this.objects.map(objectName)]
  }

  /** What of it is in the frame in `block`. */
  findIn(block: number, payload: Uint8Array): FoundTargets {
    const one = decode(frame, payload)
    const numbers = objectNumbers(one)
    const chunks: BlockRange[] = []
    const objects: { n: number; place: Place }[] = []
    const goes = one.operations.map((operation, at) => {
      const n = numbers[at] as number
      if (!this.#includes(operation, n, { block, at })) return false
      const body = bodyOf(operation)
      const place = body && placeOf(body, block)
      if (place?.chunkBytes !== undefined) chunks.push(rangeOf(place))
      if (!isOfObject(operation) || place === undefined) return true
      objects.push({ n, place })
      // Its operation stays, as the numbers of the others follow from it.
      return place.chunkBytes === undefined
    })
    const left = redactFrame({ payload, frame: one }, (_, at) => goes[at] === true)
    return { left, chunks, objects }
  }

  #includes(operation: FrameOperation, n: number, position: Position): boolean {
    if (isOfObject(operation)) return isBefore(position, this.#objects.get(n))
    if (operation.type === 'forget-range') {
      return this.#ranges.some(({ block, at }) => block === position.block && at === position.at)
    }
    if (!('key' in operation)) return false
    if (isBefore(position, this.#entries.get(nameOf(operation)))) return true
    return this.#ranges.some((range) => isWithin(operation, range) && isBefore(position, range))
  }
}

// With the operation that said it.
function isBefore({ block, at }: Position, until: Position | undefined): boolean {
  if (until === undefined) return false
  return block < until.block || (block === until.block && at <= until.at)
}

function isWithin(
  { space, key }: { readonly space: number; readonly key: Uint8Array },
  range: KeyRangeTarget,
): boolean {
  if (space !== range.space || b4a.compare(key, range.from) < 0) return false
  return range.to === undefined || b4a.compare(key, range.to) < 0
}

function isOfObject({ type }: FrameOperation): boolean {
  return type === 'object' || type === 'revision'
}

// The number that each operation's object has, if it is of one.
function objectNumbers({ firstObject = 0, operations }: Frame): number[] {
  let n = firstObject
  return operations.map((operation) => {
    if (operation.type === 'revision') return operation.n
    return isNumbered(operation) ? n++ : n
  })
}

function nameOf({ space, key }: { readonly space: number; readonly key: Uint8Array }): string {
  return `${space} ${b4a.toString(key, 'latin1')}`
}
