import { defineInterface, type InterfaceStream } from '@datagram/stream'
import b4a from 'b4a'
import type { Datagram } from '../../src/index.ts'

/** Begins everything that is to be forgotten, wherever it is stored. */
export const SECRET = 'what nobody is to find again '

const plain = defineInterface({
  name: 'plain',
  contract: 1,
  version: 1,
  open: (stream: InterfaceStream) => ({ stream }),
})

const SIZES = [2, 100, 10_000]

export async function openForgetting(datagram: Datagram) {
  const map = await datagram.kv('map', { retain: 'latest' })
  const { stream } = await datagram.open('objects', plain)
  return { map, stream }
}

/** Writes secrets and what stays, side by side. */
export async function fillForgetting(datagram: Datagram): Promise<void> {
  const { map, stream } = await openForgetting(datagram)
  for (const times of SIZES) {
    await Promise.all([
      map.set(`stays ${times}`, 'x'.repeat(times)),
      map.set(`goes ${times}`, SECRET.repeat(times)),
      stream.write((tx) => {
        tx.append('x'.repeat(times))
        tx.append(SECRET.repeat(times))
      }),
    ])
    await map.set(`goes ${times}`, `${SECRET.repeat(times)} again`)
  }
  await stream.write((tx) => tx.put(b4a.from('entry'), b4a.from(SECRET.repeat(50))))
}

/** Forgets all of it, each in another way. */
export async function forgetMuch(datagram: Datagram): Promise<void> {
  const { map, stream } = await openForgetting(datagram)
  await map.forgetRange({ prefix: 'goes' })
  await stream.forget({ n: 1 }, { n: 3 })
  await stream.update({ n: 5 }, 'harmless', { previous: 'forget' })
  await stream.write((tx) => tx.put(b4a.from('entry'), b4a.from('2'), { previous: 'forget' }))
  // What was before goes in the background; this waits for it.
  await stream.forget()
  await datagram.compact()
}

/** What is there, as one text: it is the same before and after, but for what was forgotten. */
export async function staying(datagram: Datagram): Promise<string> {
  const { map, stream } = await openForgetting(datagram)
  const entries: string[] = []
  for await (const [key, value] of map.entries({ prefix: 'stays' })) {
    entries.push(`${key}: ${value.length}`)
  }
  const objects: string[] = []
  for (const n of [0, 2, 4]) objects.push(`${n}: ${(await stream.read({ n })).byteLength}`)
  return [...entries, ...objects].join(', ')
}
