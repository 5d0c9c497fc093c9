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

/** What is looked for in blocks. */
export interface BlockSearch {
  readonly texts: readonly string[]
  /** Each gives what is in a block under a seal of its own. */
  readonly unsealings?: readonly ((block: Uint8Array) => string)[]
}

/** The blocks of a log that are here and, opened, have one of the texts in them. */
export async function blocksWith(
  log: Log,
  { texts, unsealings = [] }: BlockSearch,
): Promise<number[]> {
  const found: number[] = []
  for (const { start, end } of log.here({ start: 0, end: log.length })) {
    for (let i = start; i < end; i++) {
      const payload = await log.get(i)
      const unsealed = unsealings.map((unseal) => unseal(payload))
      const has = (text: string) =>
        b4a.indexOf(payload, b4a.from(text)) !== -1 || unsealed.some((one) => one.includes(text))
      if (texts.some(has)) found.push(i)
    }
  }
  return found
}

/** The same of every log of the streams in a folder: `log: block`. */
export async function findStored(
  folder: string,
  links: readonly string[],
  search: BlockSearch,
): Promise<string[]> {
  return withStored(folder, links, async (logs) => {
    const found: string[] = []
    for (const [i, log] of logs.entries()) {
      for (const block of await blocksWith(log, search)) found.push(`log ${i}: ${block}`)
    }
    return found
  })
}
