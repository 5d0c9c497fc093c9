import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import {
  type Address,
  type CloneOptions,
  cloneDatagram,
  type Datagram,
  type OpenDatagramOptions,
  openDatagram,
} from '../src/index.ts'

/** A folder that is removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'datagram-'))
  onTestFinished(() => fs.rm(folder, { recursive: true, force: true }))
  return folder
}

/** A datagram in a folder of its own, closed when the test ends. */
export async function temporaryDatagram(options?: OpenDatagramOptions): Promise<Datagram> {
  const datagram = await openDatagram(path.join(await temporaryFolder(), 'mine'), options)
  onTestFinished(() => datagram.close())
  return datagram
}

/** A datagram that listens on loopback, with its link. */
export async function sharedDatagram(
  options?: OpenDatagramOptions,
): Promise<{ datagram: Datagram; link: string; address: Address }> {
  const datagram = await temporaryDatagram(options)
  const link = await datagram.share()
  const server = await datagram.listen({ host: '127.0.0.1', port: 0 })
  return { datagram, link, address: server.address() }
}

/** A clone in a folder of its own, closed when the test ends. */
export async function temporaryClone(link: string, options: CloneOptions): Promise<Datagram> {
  const copy = await cloneDatagram(link, path.join(await temporaryFolder(), 'copy'), options)
  onTestFinished(() => copy.close())
  return copy
}

/** Waits until `probe` gives something, at most half a minute: the machine may be busy. */
export async function eventually<T>(probe: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 30_000
  for (;;) {
    const found = await probe()
    if (found !== undefined) return found
    if (Date.now() > end) throw new Error('it did not come to pass within half a minute')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

export const code = (expected: string) => ({ code: expected })

/** All that an iterable gives (Array.fromAsync, which Node 20 lacks). */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
