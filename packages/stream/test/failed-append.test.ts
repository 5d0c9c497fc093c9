import { describe, expect, it } from 'vitest'
import { assertSound, bytes, entriesOf, text, turn, watchedStream } from './open-streams.ts'

describe('an append that fails', () => {
  it('takes with it all that was in it and all that read from it, and nothing else', async () => {
    const { watched, stream, main } = await watchedStream()
    await main.write((tx) => tx.put(bytes('kept'), bytes('1')))
    watched.failNext = 'before'
    const put = (key: string) => main.write((tx) => tx.put(bytes(key), bytes('2')))
    const first = [put('a'), put('b')]
    const failures = Promise.allSettled(first)
    await turn()
    const reading = main.write(async (tx) => {
      const seen = text(await tx.get(bytes('a')))
      tx.put(bytes('c'), bytes(seen ?? 'nothing'))
      tx.append('lost')
    })
    await expect(reading).rejects.toThrow('the disk said no')
    expect((await failures).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await entriesOf(stream)).toEqual({ kept: '1' })
    const pointer = await main.write((tx) => {
      tx.put(bytes('after'), bytes('3'))
      return tx.append('first')
    })
    expect(pointer.n).toBe(0)
    expect(await entriesOf(stream)).toEqual({ after: '3', kept: '1' })
    await assertSound(stream)
  })

  it('dooms a write that is running, which ends before the next begins', async () => {
    const { watched, stream, main } = await watchedStream()
    watched.failNext = 'before'
    const first = main.write((tx) => tx.put(bytes('a'), bytes('1')))
    const order: string[] = []
    const running = main.write(async (tx) => {
      expect(text(await tx.get(bytes('a')))).toBe('1')
      await expect(first).rejects.toThrow('the disk said no')
      await turn()
      order.push('running has ended')
      tx.put(bytes('b'), bytes('1'))
    })
    const next = main.write((tx) => {
      order.push('next began')
      tx.put(bytes('c'), bytes('1'))
    })
    await expect(running).rejects.toThrow('the disk said no')
    await next
    expect(order).toEqual(['running has ended', 'next began'])
    expect(await entriesOf(stream)).toEqual({ c: '1' })
  })

  it('after its blocks were written shows what is in the log, as replicas do', async () => {
    const { watched, stream, main } = await watchedStream()
    watched.failNext = 'after'
    const write = main.write((tx) => {
      tx.put(bytes('a'), bytes('1'))
      tx.append('there')
    })
    await expect(write).rejects.toThrow('the disk said no, later')
    expect(await entriesOf(stream)).toEqual({ a: '1' })
    expect(await main.write((tx) => tx.append('next'))).toMatchObject({ n: 1 })
    await assertSound(stream)
  })
})
