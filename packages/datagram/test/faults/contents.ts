import { createHash } from 'node:crypto'
import type { Datagram } from '../../src/index.ts'

/** Everything that a datagram of key/value streams holds: title, labels, and each key with a hash of its value. */
export type Contents = Record<string, StreamContents>

interface StreamContents {
  readonly title: string
  readonly labels: readonly string[]
  readonly entries: Record<string, string>
}

/** Reads every entry of every stream. */
export async function contentsOf(datagram: Datagram): Promise<Contents> {
  const contents: Contents = {}
  for await (const { name } of datagram.streams()) {
    contents[name] = { title: '', labels: [], entries: await entriesOf(datagram, name) }
  }
  // Read last: what is said of a stream is in another stream, so it may be newer than the list.
  for await (const { name, title, labels } of datagram.streams()) {
    const known = contents[name]
    if (known !== undefined) contents[name] = { ...known, title, labels }
  }
  return contents
}

/** Each key of a stream with its value, or the value's hash where it is long. */
export async function entriesOf(datagram: Datagram, name: string): Promise<Record<string, string>> {
  const entries: Record<string, string> = {}
  const kv = await datagram.kv(name)
  for await (const [key, value] of kv.entries()) entries[key] = shortened(value)
  return entries
}

function shortened(value: string): string {
  if (value.length <= 64) return value
  return `${value.length} characters, ${createHash('sha256').update(value).digest('hex')}`
}
