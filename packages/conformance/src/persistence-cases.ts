import assert from 'node:assert/strict'
import type { ConformanceCase } from './conformance-case.ts'
import { expectBytes } from './expectations.ts'
import type { Subject } from './subject.ts'
import { Workbench } from './workbench.ts'

const bytes = (...values: number[]) => new Uint8Array(values)
const filled = (size: number) => new Uint8Array(size).map((_, i) => i * 7 + (i >> 8))
const text = (value: string) => new TextEncoder().encode(value)

/** Values that are easily taken for absence, or lie at a limit where storing changes its way. */
const values: readonly (readonly [what: string, value: Uint8Array])[] = [
  ['an empty value', bytes()],
  ['one zero byte', bytes(0)],
  ['the text 0', text('0')],
  ['the text false', text('false')],
  ['the text null', text('null')],
  ['the text undefined', text('undefined')],
  ['every byte', Uint8Array.from({ length: 256 }, (_, i) => i)],
  ['bytes that are no UTF-8', bytes(0xff, 0xfe, 0xc0, 0x80)],
  ['1,024 bytes', filled(1024)],
  ['1,025 bytes', filled(1025)],
  ['64 KiB', filled(65_536)],
  ['64 KiB and a byte', filled(65_537)],
  ['300,000 bytes', filled(300_000)],
]

// Beginnings of names, and one that goes on: none of them is stored.
const absentNames = ['nul', 'a-', 'a-b-', 'a-b-c-', 'constr', 'b'] as const
const plainNames = ['a', 'A', '0', 'null', 'undefined', 'constructor', 'a-b', 'a-b-c'] as const

/** What was stored is there, as it was stored, and after reopening too. */
export function persistenceCases<Api extends object>(subject: Subject<Api>): ConformanceCase[] {
  const { actions } = subject
  const cases: ConformanceCase[] = [
    {
      key: 'reopen-keeps',
      name: 'reopening keeps what was stored, and the last of several values',
      run: () =>
        Workbench.run(subject, async (bench) => {
          await bench.use(async (api) => {
            await actions.store(api, 'once', bytes(1))
            for (const i of [1, 2, 3]) await actions.store(api, 'often', bytes(i))
          })
          await bench.use(async (api) => actions.store(api, 'later', bytes(9)))
          await bench.use(async (api) => {
            expectBytes(await actions.load(api, 'once'), bytes(1), 'once')
            expectBytes(await actions.load(api, 'often'), bytes(3), 'often')
            expectBytes(await actions.load(api, 'later'), bytes(9), 'later')
            expectBytes(await actions.load(api, 'never'), undefined, 'never')
          })
        }),
    },
    {
      key: 'values-any',
      name: 'empty, falsy, binary and large values are values like any other',
      run: () =>
        Workbench.run(subject, async (bench) => {
          const check = async (api: Api, when: string) => {
            for (const [i, [what, value]] of values.entries()) {
              expectBytes(await actions.load(api, `value-${i}`), value, `${what}, ${when}`)
            }
          }
          await bench.use(async (api) => {
            for (const [i, [, value]] of values.entries()) {
              await actions.store(api, `value-${i}`, value)
            }
            await check(api, 'at once')
          })
          await bench.use((api) => check(api, 'after reopening'))
        }),
    },
    {
      key: 'names-any',
      name: 'names that look alike, or like something else, are kept apart',
      run: () =>
        Workbench.run(subject, async (bench) => {
          const names = [...plainNames, ...(subject.names ?? [])]
          await bench.use(async (api) => {
            for (const [i, name] of names.entries()) await actions.store(api, name, bytes(i))
          })
          await bench.use(async (api) => {
            for (const [i, name] of names.entries()) {
              expectBytes(await actions.load(api, name), bytes(i), JSON.stringify(name))
            }
            for (const name of absentNames) {
              expectBytes(await actions.load(api, name), undefined, `${name}, which is not stored`)
            }
            if (actions.list === undefined) return
            const listed = [...(await actions.list(api))].sort()
            assert.deepEqual(listed, [...names].sort(), 'the names that are listed')
          })
        }),
    },
  ]
  return actions.remove === undefined ? cases : [...cases, removingCase(subject, actions.remove)]
}

function removingCase<Api extends object>(
  subject: Subject<Api>,
  remove: (api: Api, name: string) => Promise<unknown>,
): ConformanceCase {
  const { actions } = subject
  return {
    key: 'remove-stays',
    name: 'what was removed is gone, stays gone after reopening, and can be stored anew',
    run: () =>
      Workbench.run(subject, async (bench) => {
        await bench.use(async (api) => {
          for (const name of ['a', 'ab', 'b']) await actions.store(api, name, text(name))
          await remove(api, 'a')
          expectBytes(await actions.load(api, 'a'), undefined, 'removed')
        })
        await bench.use(async (api) => {
          expectBytes(await actions.load(api, 'a'), undefined, 'removed, after reopening')
          expectBytes(await actions.load(api, 'ab'), text('ab'), 'its neighbour')
          await actions.store(api, 'a', bytes(5))
        })
        await bench.use(async (api) => {
          expectBytes(await actions.load(api, 'a'), bytes(5), 'stored anew')
          const listed = await actions.list?.(api)
          if (listed !== undefined) assert.deepEqual([...listed].sort(), ['a', 'ab', 'b'], 'listed')
        })
      }),
  }
}
