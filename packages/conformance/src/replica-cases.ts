import assert from 'node:assert/strict'
import type { ConformanceCase } from './conformance-case.ts'
import { expectBytes, expectRefused } from './expectations.ts'
import type { Subject } from './subject.ts'
import { Workbench } from './workbench.ts'

const value = (n: number) => new Uint8Array([n])
const large = new Uint8Array(100_000).fill(3)

/** The same stream without the right to write. */
export function replicaCases<Api extends object>(subject: Subject<Api>): ConformanceCase[] {
  const { actions } = subject
  const readOnly = { readOnly: true } as const
  return [
    {
      key: 'replica-reads',
      name: 'a replica reads what its author wrote',
      run: () =>
        Workbench.run(subject, async (bench) => {
          await bench.use(async (api) => {
            for (let n = 0; n < 20; n++) await actions.store(api, `name-${n}`, value(n))
            await actions.store(api, 'large', large)
            await actions.remove?.(api, 'name-3')
          })
          await bench.use(async (api) => {
            for (let n = 0; n < 20; n++) {
              const isGone = n === 3 && actions.remove !== undefined
              const expected = isGone ? undefined : value(n)
              expectBytes(await actions.load(api, `name-${n}`), expected, `name-${n}`)
            }
            expectBytes(await actions.load(api, 'large'), large, 'a large value')
          }, readOnly)
        }),
    },
    {
      key: 'replica-refuses',
      name: 'a replica refuses every write with STREAM_NOT_WRITABLE, and stays as it is',
      run: () =>
        Workbench.run(subject, async (bench) => {
          await bench.use((api) => actions.store(api, 'a', value(1)))
          await bench.use(async (api) => {
            const refused = (call: () => unknown, what: string) =>
              expectRefused(call, 'STREAM_NOT_WRITABLE', what)
            await refused(() => actions.store(api, 'a', value(2)), 'storing')
            const { remove, storeAll } = actions
            if (remove) await refused(() => remove(api, 'a'), 'removing')
            if (storeAll) await refused(() => storeAll(api, [['b', value(2)]]), 'a batch')
            expectBytes(await actions.load(api, 'a'), value(1), 'after the writes were refused')
          }, readOnly)
          await bench.use(async (api) => {
            expectBytes(await actions.load(api, 'a'), value(1), "in the author's own")
            const listed = await actions.list?.(api)
            if (listed !== undefined) assert.deepEqual(listed, ['a'], 'listed')
          })
        }),
    },
  ]
}
