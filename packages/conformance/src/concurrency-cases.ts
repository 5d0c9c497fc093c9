import assert from 'node:assert/strict'
import type { ConformanceCase } from './conformance-case.ts'
import { expectBytes } from './expectations.ts'
import type { Subject } from './subject.ts'
import { Workbench } from './workbench.ts'

const IN_FLIGHT = 64
const value = (n: number) => new Uint8Array([n, n, n])

/** Many calls at once. */
export function concurrencyCases<Api extends object>(subject: Subject<Api>): ConformanceCase[] {
  const { actions } = subject
  const numbers = Array.from({ length: IN_FLIGHT }, (_, i) => i)
  return [
    {
      key: 'concurrency-all',
      name: `${IN_FLIGHT} writes in flight are all carried out`,
      run: () =>
        Workbench.run(subject, async (bench) => {
          const check = async (api: Api, when: string) => {
            const loaded = await Promise.all(numbers.map((n) => actions.load(api, `name-${n}`)))
            for (const n of numbers) expectBytes(loaded[n], value(n), `name-${n}, ${when}`)
          }
          await bench.use(async (api) => {
            await Promise.all(numbers.map((n) => actions.store(api, `name-${n}`, value(n))))
            await check(api, 'at once')
          })
          await bench.use((api) => check(api, 'after reopening'))
        }),
    },
    {
      key: 'concurrency-order',
      name: 'writes to one name are carried out in the order in which they were called',
      run: () =>
        Workbench.run(subject, async (bench) => {
          await bench.use(async (api) => {
            await Promise.all(numbers.map((n) => actions.store(api, 'one', value(n))))
            expectBytes(await actions.load(api, 'one'), value(IN_FLIGHT - 1), 'the last wins')
          })
          await bench.use(async (api) => {
            expectBytes(await actions.load(api, 'one'), value(IN_FLIGHT - 1), 'after reopening')
          })
        }),
    },
    {
      key: 'concurrency-reads',
      name: 'a read sees every write that was acknowledged before it',
      run: () =>
        Workbench.run(subject, async (bench) => {
          const { api } = await bench.open()
          let acknowledged = 0
          const writing = (async () => {
            for (let n = 1; n <= 100; n++) {
              await actions.store(api, 'one', value(n))
              acknowledged = n
            }
          })()
          // Awaited below; when a check fails before that, its own failure must not count as unhandled.
          writing.catch(() => undefined)
          while (acknowledged < 100) {
            const least = acknowledged
            const seen = (await actions.load(api, 'one'))?.[0] ?? 0
            assert.ok(seen >= least, `${least} was acknowledged, and ${seen} is read`)
            await new Promise((resolve) => setImmediate(resolve))
          }
          await writing
        }),
    },
  ]
}
