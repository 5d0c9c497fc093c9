import { describe, expect, it } from 'vitest'
import {
  bytes,
  logsOf,
  plain,
  streamOver,
  temporaryStore,
  temporaryStream,
  text,
} from './open-streams.ts'

// What is there without waiting; a promise is no text.
const now = (found: unknown) => text(found as Uint8Array | undefined)

describe('getNow', () => {
  it('answers out of memory without a promise', async () => {
    const { main } = await temporaryStream()
    await main.write((tx) => tx.put(bytes('a'), bytes('1')))
    expect(now(main.index.getNow(bytes('a')))).toBe('1')
    expect(main.index.getNow(bytes('b'))).toBeUndefined()
    expect(() => main.index.getNow('a' as never)).toThrow(TypeError)
  })

  it('sees what its transaction, and those before it, have written', async () => {
    const { main } = await temporaryStream()
    await main.write((tx) => tx.put(bytes('a'), bytes('1')))
    const earlier = main.write((tx) => tx.put(bytes('b'), bytes('2')))
    const seen = await main.write((tx) => {
      tx.del(bytes('a'))
      return [now(tx.getNow(bytes('a'))), now(tx.getNow(bytes('b')))]
    })
    await earlier
    expect(seen).toEqual([undefined, '2'])
  })

  it('gives a promise of what has to be read: a large value, a page that is not in memory', async () => {
    const logs = await logsOf(await temporaryStore())
    const written = await streamOver(logs, plain)
    await written.main.write((tx) => {
      tx.put(bytes('a'), bytes('1'))
      tx.put(bytes('large'), new Uint8Array(5000).fill(7))
    })
    expect(written.main.index.getNow(bytes('large'))).toBeInstanceOf(Promise)
    await written.index.flush()
    await written.close()
    const { main } = await streamOver(logs, plain)
    const found = main.index.getNow(bytes('a'))
    expect(found).toBeInstanceOf(Promise)
    expect(text(await found)).toBe('1')
    expect(await main.index.getNow(bytes('large'))).toHaveLength(5000)
    expect(now(main.index.getNow(bytes('a')))).toBe('1')
  })

  it('shows a snapshot and a past moment as they were', async () => {
    const { main } = await temporaryStream()
    await main.write((tx) => tx.put(bytes('a'), bytes('1')))
    const moment = main.moment()
    const snapshot = main.snapshot()
    await main.write((tx) => tx.put(bytes('a'), bytes('2')))
    const past = await main.checkout(moment)
    for (const one of [snapshot, past]) {
      expect(now(one.getNow(bytes('a')))).toBe('1')
      one.close()
      expect(() => one.getNow(bytes('a'))).toThrow('closed')
    }
    expect(now(main.index.getNow(bytes('a')))).toBe('2')
  })
})
