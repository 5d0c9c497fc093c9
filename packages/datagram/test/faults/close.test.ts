import { runChild, seededRun, soakFactor } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import type { BusyOptions, BusyReport } from './children/busy.ts'

const busy = new URL('./children/busy.ts', import.meta.url)
const ROUNDS = 6 * soakFactor()

describe('close() in the middle of everything', () => {
  it(`ends every call with a result or a code, and the process ends by itself, ${ROUNDS} times`, {
    timeout: 60_000 * soakFactor(),
  }, async () => {
    await seededRun(async (random) => {
      for (let round = 0; round < ROUNDS; round++) {
        const options: BusyOptions = { seed: random.next32() }
        const started = performance.now()
        const { exitCode, timedOut, acknowledged, output } = await runChild(busy, {
          options,
          timeoutMs: 20_000,
        })
        const report = acknowledged[0] as BusyReport | undefined
        const how = `${JSON.stringify(options)}: ${JSON.stringify(report)} ${output}`
        // Nobody calls process.exit: an open handle would keep it until the timeout.
        expect({ exitCode, timedOut }, how).toEqual({ exitCode: 0, timedOut: false })
        expect(report, how).toMatchObject({ uncoded: [], waiting: [] })
        expect(report?.closedAfterMs, how).toBeLessThan(15_000)
        expect(performance.now() - started, how).toBeLessThan(40_000)
        // A library does not print.
        expect(output, how).toBe('')
      }
    })
  })
})
