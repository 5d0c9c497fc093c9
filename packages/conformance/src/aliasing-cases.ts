import type { ConformanceCase } from './conformance-case.ts'
import { expectBytes } from './expectations.ts'
import type { Subject } from './subject.ts'
import { Workbench } from './workbench.ts'

// One that lies in the index, one in a frame, one in chunks: each goes another way.
const SIZES = [4, 5000, 200_000] as const

/** Nobody's bytes are anybody else's. */
export function aliasingCases<Api extends object>(subject: Subject<Api>): ConformanceCase[] {
  const { actions } = subject
  return [
    {
      key: 'aliasing-passed',
      name: 'changing a value after it was passed changes nothing that is stored',
      run: () =>
        Workbench.run(subject, async (bench) => {
          const { api } = await bench.open()
          for (const size of SIZES) {
            const passed = new Uint8Array(size).fill(1)
            // The first is on its way and the second waits behind it when their bytes are changed.
            const others = new Uint8Array(size).fill(2)
            const storing = actions.store(api, `first-${size}`, passed)
            const waiting = actions.store(api, `second-${size}`, others)
            passed.fill(99)
            others.fill(99)
            await Promise.all([storing, waiting])
            passed.fill(98)
            const first = await actions.load(api, `first-${size}`)
            expectBytes(first, new Uint8Array(size).fill(1), `${size} bytes, the first`)
            const second = await actions.load(api, `second-${size}`)
            expectBytes(second, new Uint8Array(size).fill(2), `${size} bytes, the second`)
          }
        }),
    },
    {
      key: 'aliasing-returned',
      name: 'changing a value that was returned changes nothing that is stored',
      run: () =>
        Workbench.run(subject, async (bench) => {
          const check = async (api: Api, when: string) => {
            for (const size of SIZES) {
              for (const round of [1, 2, 3]) {
                const returned = await actions.load(api, `value-${size}`)
                const expected = new Uint8Array(size).fill(1)
                expectBytes(returned, expected, `${size} bytes, ${when}, reading ${round}`)
                returned?.fill(99)
              }
            }
          }
          await bench.use(async (api) => {
            for (const size of SIZES) {
              await actions.store(api, `value-${size}`, new Uint8Array(size).fill(1))
            }
            await check(api, 'at once')
          })
          await bench.use((api) => check(api, 'after reopening'))
        }),
    },
  ]
}
