import { runChild, soakFactor, startChild, temporaryFolder } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import type { ManyStreamsOptions, ManyStreamsReport } from './children/many-streams.ts'

const child = new URL('./children/many-streams.ts', import.meta.url)
const STREAMS = 300 * soakFactor()
// Of figures that are a tenth of it on an idle machine; it stands for "not per stream squared".
const MS_MAX = 30_000
const RSS_MEGABYTES_MAX = 400

describe(`a datagram of ${STREAMS} streams`, () => {
  it('is made, listed, opened and cloned within bounds, and is equal', {
    timeout: 90_000 * soakFactor(),
  }, async ({ annotate }) => {
    await using folder = await temporaryFolder()
    const mine: ManyStreamsOptions = { folder: folder.join('mine'), streams: STREAMS }
    const author = startChild(child, { options: mine, timeoutMs: 80_000 * soakFactor() })
    const { link, port } = (await author.acknowledgement(7)) as ManyStreamsReport
    if (link === undefined || port === undefined) throw new Error('the author does not listen')
    const options: ManyStreamsOptions = {
      folder: folder.join('copy'),
      streams: STREAMS,
      from: { link, port },
    }
    // It throws where an entry is not what it is to be.
    const { exitCode, acknowledged, output } = await runChild(child, { options })
    author.kill()
    expect(exitCode, output).toBe(0)
    const reports = [...author.acknowledged, ...acknowledged] as ManyStreamsReport[]
    for (const { what, ms, rssMegabytes } of reports) {
      await annotate(`${what}: ${ms} ms, ${rssMegabytes} MB`)
      expect(ms, what).toBeLessThan(MS_MAX * soakFactor())
      expect(rssMegabytes, what).toBeLessThan(RSS_MEGABYTES_MAX * soakFactor())
    }
  })
})
