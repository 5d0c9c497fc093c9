import { type Kv, kvInterface } from '@datagram/kv-interface'
import type { Store } from '@datagram/log-core'
import { openStream, type Stream, type StreamKeys } from '@datagram/stream'
import type { Contender, OpenMap, Scanned, ScanRange } from '../contender.ts'
import type { Entry } from '../workload.ts'
import { OurAuthor } from './our-author.ts'
import { openOurLogs } from './our-logs.ts'
import { OurMap } from './ours.ts'

const SETTLED_AFTER_MS = 700
const LOOK_EVERY_MS = 50
// A little more than the index's default `graceMs`.
const GRACE_MS = 10_500

/**
 * Our key/value store as `openKv` makes it: a store, two logs, a stream over them. An author of it has come
 * to rest: what merges made superfluous is dropped.
 */
export const ourStream: Contender = {
  name: 'our-stream',
  open: (folder) => OurStreamMap.open(folder),
  openAuthor: async (folder) => {
    const map = await OurStreamMap.open(folder)
    await map.dropped()
    return new OurAuthor(map)
  },
}

/** An open key/value store of ours, with its parts to look at. */
export class OurStreamMap implements OpenMap {
  readonly store: Store
  readonly stream: Stream<Kv>
  readonly keys: StreamKeys
  readonly #map: OurMap

  private constructor(store: Store, stream: Stream<Kv>, keys: StreamKeys) {
    this.store = store
    this.stream = stream
    this.keys = keys
    this.#map = new OurMap(stream.api, () => stream.close().finally(() => store.close()))
  }

  static async open(folder: string): Promise<OurStreamMap> {
    const { store, keys, data, index } = await openOurLogs(folder)
    const stream = await openStream({
      name: 'kv',
      data,
      index,
      definition: kvInterface,
      options: { retain: 'latest' },
    })
    return new OurStreamMap(store, stream, keys)
  }

  put(key: string, value: string): Promise<boolean> {
    return this.#map.put(key, value)
  }

  batch(entries: readonly Entry[]): Promise<void> {
    return this.#map.batch(entries)
  }

  get(key: string): Promise<string | undefined> {
    return this.#map.get(key)
  }

  scan(range?: ScanRange): Promise<Scanned> {
    return this.#map.scan(range)
  }

  async settle(): Promise<void> {
    let before = ''
    for (let quietMs = 0; quietMs < SETTLED_AFTER_MS; quietMs += LOOK_EVERY_MS) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
      const { flushes, mergeSteps, droppedBlocks } = this.stream.index.stats()
      const now = `${flushes} ${mergeSteps} ${droppedBlocks}`
      if (now !== before) quietMs = 0
      before = now
    }
  }

  /** Resolves when the blocks that no head needs any more are dropped, which their grace delays. */
  async dropped(): Promise<void> {
    await this.settle()
    await new Promise((resolve) => setTimeout(resolve, GRACE_MS))
    await this.settle()
  }

  close(): Promise<void> {
    return this.#map.close()
  }
}
