import { openLink } from '@datagram/container'
import { type Log, openStore } from '@datagram/log-core'
import { ownLogs, readHeader, streamKeys } from '@datagram/stream'
import b4a from 'b4a'

/** Every log of the streams, opened with the content key, out of a folder that nobody has open. */
export async function withStored<T>(
  folder: string,
  links: readonly string[],
  work: (logs: readonly Log[]) => Promise<T>,
): Promise<T> {
  await using store = await openStore(folder)
  const logs: Log[] = []
  for (const link of links) {
    const { key, streamKey } = await openLink(link)
    const cipher = streamKeys(streamKey)
    const index = await store.openRemote(key, { cipherKey: cipher.indexKey })
    const { dataKey } = ownLogs(await readHeader(index))
    logs.push(index, await store.openRemote(dataKey, { cipherKey: cipher.dataKey }))
  }
  return await work(logs)
}

/** The two logs of a stream, and the key that opens them. */
export interface StoredPair {
  readonly indexKey: Uint8Array
  readonly dataKey: Uint8Array
  readonly streamKey: Uint8Array
}

/** The logs that links name, out of a folder that has them and that nobody has open: known also when their blocks have gone. */
export async function pairsOf(folder: string, links: readonly string[]): Promise<StoredPair[]> {
  await using store = await openStore(folder)
  const pairs: StoredPair[] = []
  for (const link of links) {
    const { key, streamKey } = await openLink(link)
    const index = await store.openRemote(key, { cipherKey: streamKeys(streamKey).indexKey })
    const { dataKey } = ownLogs(await readHeader(index))
    pairs.push({ indexKey: key, dataKey, streamKey })
  }
  return pairs
}

/** How many blocks of each pair a folder holds, and how many of them, opened with the stream's key, have a text in them. */
export async function heldOf(
  folder: string,
  pairs: readonly StoredPair[],
  text: string,
): Promise<{ blocks: number; withText: number }[]> {
  await using store = await openStore(folder)
  const held = []
  for (const { indexKey, dataKey, streamKey } of pairs) {
    const cipher = streamKeys(streamKey)
    const index = await store.openRemote(indexKey, { cipherKey: cipher.indexKey })
    const data = await store.openRemote(dataKey, { cipherKey: cipher.dataKey })
    const here = [index, data].flatMap((log) => log.here({ start: 0, end: log.length }))
    const found = await blocksWith([index, data], [], [text])
    const blocks = here.reduce((sum, { start, end }) => sum + end - start, 0)
    held.push({ blocks, withText: found.flat().length })
  }
  return held
}

/** Of streams, by their links: gives what is in a block under a seal of their interface's own. */
export type Unsealings = ReadonlyMap<string, (block: Uint8Array) => string>

/** For each log of the streams, the blocks that are here and, opened, have one of the texts in them. */
export function blocksWith(
  logs: readonly Log[],
  links: readonly string[],
  texts: readonly string[],
  unsealings?: Unsealings,
): Promise<number[][]> {
  return Promise.all(
    logs.map(async (log, i) => {
      // Two of each stream.
      const unseal = unsealings?.get(links[Math.floor(i / 2)] as string)
      const found: number[] = []
      for (const { start, end } of log.here({ start: 0, end: log.length })) {
        for (let block = start; block < end; block++) {
          const payload = await log.get(block)
          const unsealed = unseal?.(payload)
          const has = (text: string) =>
            b4a.indexOf(payload, b4a.from(text)) !== -1 || unsealed?.includes(text) === true
          if (texts.some(has)) found.push(block)
        }
      }
      return found
    }),
  )
}

/** The same of every log of the streams in a folder: `log: block`. */
export async function findStored(
  folder: string,
  links: readonly string[],
  texts: readonly string[],
  unsealings?: Unsealings,
): Promise<string[]> {
  return withStored(folder, links, async (logs) => {
    const found = await blocksWith(logs, links, texts, unsealings)
    return found.flatMap((blocks, i) => blocks.map((block) => `log ${i}: ${block}`))
  })
}
