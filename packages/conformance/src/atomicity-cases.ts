import assert from 'node:assert/strict'
import { type AnyInterface, defineInterface, type InterfaceStream } from '@datagram/stream'
import type { ConformanceCase } from './conformance-case.ts'
import { expectBytes, expectSettled } from './expectations.ts'
import type { Subject, SubjectActions } from './subject.ts'
import { Workbench } from './workbench.ts'

const value = (n: number) => new Uint8Array([n])
// A write that is not begun at once waits for the one that it should join: it hangs.
const JOIN_MS = 5_000
type StoreAll<Api extends object> = NonNullable<SubjectActions<Api>['storeAll']>

/** All of a write or nothing of it. */
export function atomicityCases<Api extends object>(subject: Subject<Api>): ConformanceCase[] {
  const { storeAll } = subject.actions
  const cases = [refusedValueCase(subject)]
  if (storeAll === undefined) return cases
  return [...cases, brokenBatchCase(subject, storeAll), wholeBatchCase(subject, storeAll)]
}

function refusedValueCase<Api extends object>(subject: Subject<Api>): ConformanceCase {
  const { actions } = subject
  return {
    key: 'atomic-refused',
    name: 'a value that is refused changes nothing, here and after reopening',
    run: () =>
      Workbench.run(subject, async (bench) => {
        await bench.use(async (api) => {
          await actions.store(api, 'a', value(1))
          const tooLarge = new Uint8Array(128 * 1024 * 1024 + 1)
          await assert.rejects(async () => actions.store(api, 'a', tooLarge), 'it was not refused')
          expectBytes(await actions.load(api, 'a'), value(1), 'after a value was refused')
        })
        await bench.use(async (api) => {
          expectBytes(await actions.load(api, 'a'), value(1), 'after reopening')
        })
      }),
  }
}

function brokenBatchCase<Api extends object>(
  subject: Subject<Api>,
  storeAll: StoreAll<Api>,
): ConformanceCase {
  const { actions } = subject
  return {
    key: 'atomic-batch-broken',
    name: 'a batch with one entry that is refused stores none of them',
    run: () =>
      Workbench.run(subject, async (bench) => {
        const check = async (api: Api, when: string) => {
          expectBytes(await actions.load(api, 'a'), value(1), `a, ${when}`)
          expectBytes(await actions.load(api, 'b'), undefined, `b, ${when}`)
          expectBytes(await actions.load(api, 'd'), undefined, `d, ${when}`)
        }
        await bench.use(async (api) => {
          await actions.store(api, 'a', value(1))
          // Its type says bytes, and a caller without types may pass anything.
          const wrong = 42 as unknown as Uint8Array
          const entries = [
            ['a', value(2)],
            ['b', value(2)],
            ['c', wrong],
            ['d', value(2)],
          ] as const
          await assert.rejects(async () => storeAll(api, entries), 'the batch was not refused')
          await check(api, 'at once')
        })
        await bench.use((api) => check(api, 'after reopening'))
      }),
  }
}

function wholeBatchCase<Api extends object>(
  subject: Subject<Api>,
  storeAll: StoreAll<Api>,
): ConformanceCase {
  const { actions } = subject
  const names = Array.from({ length: 40 }, (_, i) => `name-${i}`)
  return {
    key: 'atomic-batch-whole',
    name: 'nobody sees half of a batch while it is stored',
    run: () =>
      Workbench.run(subject, async (bench) => {
        const { api } = await bench.open()
        for (let round = 1; round <= 10; round++) {
          const storing = storeAll(
            api,
            names.map((name) => [name, value(round)] as const),
          )
          let isStored = false
          const stored = storing.then(() => {
            isStored = true
          })
          // Awaited below; when a check fails before that, its own failure must not count as unhandled.
          stored.catch(() => undefined)
          while (!isStored) {
            const before = await actions.load(api, names[0] as string)
            const after = await actions.load(api, names.at(-1) as string)
            // The last is looked at later, so it may be newer than the first, never older.
            assert.ok((after?.[0] ?? 0) >= (before?.[0] ?? 0), 'the last is older than the first')
            const again = await actions.load(api, names[0] as string)
            assert.ok((again?.[0] ?? 0) >= (after?.[0] ?? 0), 'the first is older than the last')
            await new Promise((resolve) => setImmediate(resolve))
          }
          await stored
        }
      }),
  }
}

/** An interface that stores through the subject, inside a write of its own that then fails. */
export interface Joiner {
  /** Stores, then throws. */
  storeAndThrow(): Promise<void>
  storeAndKeep(): Promise<void>
  load(name: string): Promise<Uint8Array | undefined>
}

/** Writes of the subject inside a transaction of an interface that requires it. */
export function joiningCases<Api extends object>(subject: Subject<Api>): ConformanceCase[] {
  const { actions } = subject
  const joiner = defineInterface({
    name: 'joiner',
    contract: 1,
    version: 1,
    requires: { subject: subject.definition },
    open: (stream: InterfaceStream, { subject: required }): Joiner => {
      // The slot holds what the subject's own definition opens.
      const api = required as Api
      const store = (fails: boolean) =>
        stream.write(async (tx) => {
          await tx.join(() => actions.store(api, 'joined', value(1)))
          tx.put(new Uint8Array([1]), value(1))
          if (fails) throw new Error('failed on purpose')
        })
      return {
        storeAndThrow: () => store(true),
        storeAndKeep: () => store(false),
        load: (name) => actions.load(api, name),
      }
    },
  })
  return [
    {
      key: 'atomic-joined',
      name: 'joined to the write of an interface that requires it, it is stored with it or not at all',
      run: () =>
        Workbench.run(subject, async (bench) => {
          const { api } = await bench.openAs<Joiner>(joiner as AnyInterface)
          const failed = await expectSettled(api.storeAndThrow(), JOIN_MS, 'a joined write')
          assert.match(String(failed), /on purpose/, 'the throw is not thrown on')
          expectBytes(await api.load('joined'), undefined, 'after the write failed')
          const kept = await expectSettled(api.storeAndKeep(), JOIN_MS, 'a joined write')
          assert.equal(kept, 'resolved', 'the joined write failed')
          expectBytes(await api.load('joined'), value(1), 'after the write was kept')
        }),
    },
  ]
}
