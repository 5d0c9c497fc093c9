import assert from 'node:assert/strict'
import { type AnyInterface, defineInterface, type InterfaceStream } from '@datagram/stream'
import type { ConformanceCase } from './conformance-case.ts'
import { expectBytes } from './expectations.ts'
import type { Subject } from './subject.ts'
import { Workbench } from './workbench.ts'

const value = (n: number) => new Uint8Array([n])

interface Neighbours {
  readonly left: object
  readonly right: object
  putOwn(): Promise<void>
  ownKeys(): Promise<number>
}

/** What is stored in one place is not seen in another. */
export function isolationCases<Api extends object>(subject: Subject<Api>): ConformanceCase[] {
  const { actions } = subject
  return [
    {
      key: 'isolation-streams',
      name: 'streams of one store whose names begin alike share nothing',
      run: () =>
        Workbench.run(subject, async (bench) => {
          const streams = ['AAA', 'AAAA', 'AA'] as const
          for (const [i, name] of streams.entries()) {
            await bench.use((api) => actions.store(api, 'same', value(i)), { name })
            await bench.use((api) => actions.store(api, `only-${name}`, value(i)), { name })
          }
          for (const [i, name] of streams.entries()) {
            await bench.use(
              async (api) => {
                expectBytes(await actions.load(api, 'same'), value(i), `in the stream ${name}`)
                const listed = await actions.list?.(api)
                if (listed === undefined) return
                assert.deepEqual([...listed].sort(), [`only-${name}`, 'same'], `listed in ${name}`)
              },
              { name },
            )
          }
        }),
    },
    {
      key: 'isolation-interfaces',
      name: 'in one stream, it sees nothing of another interface, nor that of it',
      run: () =>
        Workbench.run(subject, async (bench) => {
          const opened = await bench.openAs<Neighbours>(neighbours(subject.definition))
          const { api } = opened
          // Both slots hold what the subject's own definition opens.
          const [left, right] = [api.left as Api, api.right as Api]
          await api.putOwn()
          await actions.store(left, 'AAA', value(1))
          await actions.store(right, 'AAAA', value(2))
          await actions.store(right, 'same', value(2))
          await actions.store(left, 'same', value(1))
          expectBytes(await actions.load(left, 'AAAA'), undefined, 'the neighbour’s name')
          expectBytes(await actions.load(right, 'AAA'), undefined, 'the neighbour’s name')
          expectBytes(await actions.load(left, 'same'), value(1), 'the same name, left')
          expectBytes(await actions.load(right, 'same'), value(2), 'the same name, right')
          assert.equal(await api.ownKeys(), 1, 'keys of the interface that requires both')
          await checkLists(subject, left, right)
        }),
    },
  ]
}

async function checkLists<Api extends object>(
  { actions }: Subject<Api>,
  left: Api,
  right: Api,
): Promise<void> {
  if (actions.list === undefined) return
  assert.deepEqual([...(await actions.list(left))].sort(), ['AAA', 'same'], 'listed left')
  assert.deepEqual([...(await actions.list(right))].sort(), ['AAAA', 'same'], 'listed right')
}

function neighbours(definition: AnyInterface): AnyInterface {
  return defineInterface({
    name: 'neighbours',
    contract: 1,
    version: 1,
    requires: { left: definition, right: definition },
    open: (stream: InterfaceStream, { left, right }): Neighbours => ({
      left,
      right,
      putOwn: () => stream.write((tx) => tx.put(new TextEncoder().encode('AAA'), value(9))),
      ownKeys: async () => {
        let count = 0
        for await (const key of stream.index.keys()) count += key.byteLength > 0 ? 1 : 0
        return count
      },
    }),
  })
}
