// Makes, lists, opens and shares a datagram of many small streams, or clones one; says how long each took and
// what memory it has.
import { acknowledge, childOptions } from '@datagram/fault-harness'
import { cloneDatagram, type Datagram, openDatagram } from '../../../src/index.ts'

export interface ManyStreamsOptions {
  readonly folder: string
  readonly streams: number
  /** Where to clone from; without it they are made. */
  readonly from?: { readonly link: string; readonly port: number }
}

/** One figure. */
export interface ManyStreamsReport {
  readonly what: string
  readonly ms: number
  readonly rssMegabytes: number
  readonly link?: string
  readonly port?: number
}

export const ENTRIES = 3
export const valueAt = (stream: number, entry: number) => `value ${stream} ${entry}`

const { folder, streams, from } = childOptions<ManyStreamsOptions>()
let since = performance.now()

function report(what: string, more: Partial<ManyStreamsReport> = {}): void {
  const rssMegabytes = Math.round(process.memoryUsage.rss() / 1e6)
  const ms = Math.round(performance.now() - since)
  acknowledge({ what, ms, rssMegabytes, ...more } satisfies ManyStreamsReport)
  since = performance.now()
}

async function readAll(datagram: Datagram): Promise<void> {
  for (let stream = 0; stream < streams; stream++) {
    const kv = await datagram.kv(`stream ${stream}`)
    for (let entry = 0; entry < ENTRIES; entry++) {
      const value = await kv.get(`key ${entry}`)
      if (value !== valueAt(stream, entry)) throw new Error(`stream ${stream} has ${value}`)
    }
  }
}

async function list(datagram: Datagram): Promise<void> {
  let count = 0
  for await (const { length } of datagram.streams()) if (length > 0) count++
  if (count !== streams) throw new Error(`${count} streams are listed`)
}

async function make(stream: number, datagram: Datagram): Promise<void> {
  const kv = await datagram.kv(`stream ${stream}`)
  await kv.batch(
    Array.from({ length: ENTRIES }, (_, entry) => ({
      type: 'set' as const,
      key: `key ${entry}`,
      value: valueAt(stream, entry),
    })),
  )
}

async function author(): Promise<void> {
  const made = await openDatagram(folder)
  report('open a new one')
  await Promise.all(Array.from({ length: streams }, (_, stream) => make(stream, made)))
  report('make them')
  await made.close()
  report('close')
  const datagram = await openDatagram(folder)
  report('open again')
  await list(datagram)
  report('list')
  await readAll(datagram)
  report('open and read each')
  const server = await datagram.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.address() as { port: number }
  report('listen', { link: await datagram.share(), port })
}

async function clone(link: string, port: number): Promise<void> {
  const options = { connect: [{ host: '127.0.0.1', port }] }
  const first = await cloneDatagram(link, folder, options)
  report('clone')
  await list(first)
  await readAll(first)
  report('list, open and read each of the clone')
  await first.close()
  report('close the clone')
  const again = await cloneDatagram(link, folder, options)
  report('clone again, nothing new')
  await again.close()
  report('close')
}

await (from === undefined ? author() : clone(from.link, from.port))
