import { readFile, stat } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { dropUnsyncedTail, Random, runChild, startChild, temporaryFolder } from '../src/index.ts'

const writer = new URL('./children/writer.ts', import.meta.url)
const ends = new URL('./children/ends.ts', import.meta.url)

describe('a child process', () => {
  it('is killed at the n-th message of a step', async () => {
    await using folder = await temporaryFolder()
    const file = folder.join('data')
    const options = { file, syncEvery: 1000 }
    const before = await runChild(writer, { options, killAt: { step: 'before', count: 5 } })
    expect(before).toMatchObject({ signal: 'SIGKILL', timedOut: false, diedAtStep: 'before' })
    expect(before.acknowledged).toEqual([1, 2, 3, 4])
    expect((await stat(`${file}.log`)).size).toBe(40)

    const written = await runChild(writer, { options, killAt: { step: 'written', count: 3 } })
    expect(written.acknowledged).toEqual([1, 2])
    expect((await stat(`${file}.log`)).size).toBe(30)
  })

  it('is killed right after its n-th acknowledgement', async () => {
    await using folder = await temporaryFolder()
    const options = { file: folder.join('data'), syncEvery: 1000 }
    const { acknowledged, signal } = await runChild(writer, {
      options,
      killAt: { acknowledgements: 7 },
    })
    expect({ acknowledged, signal }).toEqual({
      acknowledged: [1, 2, 3, 4, 5, 6, 7],
      signal: 'SIGKILL',
    })
  })

  it('is killed at a random moment, and everything it acknowledged is known', async () => {
    await using folder = await temporaryFolder()
    const file = folder.join('data')
    const afterMs = new Random(1).between(5, 40)
    const { acknowledged, signal } = await runChild(writer, {
      options: { file, syncEvery: 1000 },
      killAt: { afterMs },
    })
    expect(signal).toBe('SIGKILL')
    const written = (await stat(`${file}.log`)).size / 10
    expect(acknowledged.length).toBeGreaterThan(0)
    expect(written - acknowledged.length).toBeGreaterThanOrEqual(0)
    expect(written - acknowledged.length).toBeLessThanOrEqual(1)
  })

  it('is killed so long after its start, perhaps before it did anything', async () => {
    const { signal, acknowledged, timedOut } = await runChild(ends, {
      options: 'hang',
      killAt: { afterStartMs: 1 },
    })
    expect({ signal, acknowledged, timedOut }).toEqual({
      signal: 'SIGKILL',
      acknowledged: [],
      timedOut: false,
    })
  })

  it('loses in a power cut what it had not synced, and only that', async () => {
    await using folder = await temporaryFolder()
    const file = folder.join('data')
    const { synced } = await runChild(writer, {
      options: { file, syncEvery: 4 },
      killAt: { acknowledgements: 11 },
      recordSyncs: true,
    })
    const lost = await dropUnsyncedTail(folder.path, { synced, how: 'zeros' })
    expect(lost).toEqual([{ name: 'data.log', bytesBefore: 110, bytesKept: 80 }])
    const zeros = await readFile(`${file}.log`)
    expect(zeros.byteLength).toBe(110)
    expect(zeros.subarray(80).every((byte) => byte === 0)).toBe(true)
    await dropUnsyncedTail(folder.path, { synced })
    expect((await stat(`${file}.log`)).size).toBe(80)
    await dropUnsyncedTail(folder.path, { synced: new Map(), random: new Random(4) })
    expect((await stat(`${file}.log`)).size).toBeLessThan(80)
  })

  it('reports how it ended', async () => {
    const good = await runChild(ends, { options: 'return' })
    expect(good).toMatchObject({ exitCode: 0, signal: null, acknowledged: [{ how: 'return' }] })
    const thrown = await runChild(ends, { options: 'throw' })
    expect(thrown.exitCode).toBe(1)
    expect(thrown.output).toContain('the child failed')
    expect(thrown.output).toContain('ends.ts:6')
    const hung = await runChild(ends, { options: 'hang', timeoutMs: 500 })
    expect(hung).toMatchObject({ signal: 'SIGKILL', timedOut: true })
    const silent = await runChild(ends, { options: 'hang', silenceMs: 500 })
    expect(silent).toMatchObject({ signal: 'SIGKILL', timedOut: true })
  })

  it('can be waited for and killed by hand', async () => {
    const child = startChild(ends, { options: 'hang' })
    expect(await child.acknowledgement(1)).toEqual({ how: 'hang' })
    const second = child.acknowledgement(2)
    child.kill()
    await expect(second).rejects.toThrow('ended after 1 of 2')
    expect((await child.ended).signal).toBe('SIGKILL')
  })
})
