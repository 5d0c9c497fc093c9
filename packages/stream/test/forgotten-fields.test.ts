import { defineDescriptor } from '@datagram/descriptors'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import {
  assertSound,
  listed,
  type Logs,
  logsOf,
  plain,
  streamOver,
  temporaryStore,
} from './open-streams.ts'

const Note = defineDescriptor({
  name: 'Note',
  version: 1,
  fields: { title: { kind: 'text', index: true }, text: 'text' },
})

/** The blocks, opened with their keys, that have the secret in them. */
async function finds({ data, index }: Logs, secret: string): Promise<string[]> {
  const found: string[] = []
  for (const [name, log] of Object.entries({ data, index })) {
    for (let i = 0; i < log.length; i++) {
      if (!(await log.has(i))) continue
      if (b4a.indexOf(await log.get(i), b4a.from(secret)) !== -1) found.push(`${name} ${i}`)
    }
  }
  return found
}

describe('the indexed fields of an object that is forgotten', () => {
  it('are gone from both logs with its body, and the others are found as before', async () => {
    const logs = await logsOf(await temporaryStore())
    const stream = await streamOver(logs, plain)
    const { main } = stream
    const title = 'a title that nobody may read again'
    await Promise.all([
      main.add(Note, { title: 'before', text: 'kept' }),
      main.add(Note, { title, text: title }),
      main.add(Note, { title: 'after', text: 'kept' }),
    ])
    await stream.index.flush()
    expect(await finds(logs, title)).not.toEqual([])
    await main.forget({ n: 1 })
    expect(await finds(logs, title)).toEqual([])
    const found = await listed(main.objects({ where: { title: { prefix: '' } } }))
    expect(found.map(({ n }) => n)).toEqual([0, 2])
    await assertSound(stream)
  })
})
