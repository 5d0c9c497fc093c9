import assert from 'node:assert/strict'
import { type AnyInterface, defineInterface } from '@datagram/stream'
import { apiMembers } from './api-members.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { expectBytes, expectRefused, expectSettled } from './expectations.ts'
import type { Subject } from './subject.ts'
import { Workbench } from './workbench.ts'

const value = new Uint8Array([1, 2, 3])
// Far more than closing takes; a case that reaches it hangs.
const CLOSE_MS = 20_000

/** Opening, open, closing, closed: what may be done in each. */
export function lifecycleCases<Api extends object>(subject: Subject<Api>): ConformanceCase[] {
  const { actions } = subject
  const cases: ConformanceCase[] = [
    {
      key: 'lifecycle-opening-failed',
      name: 'an open that fails leaves the stream as it was, and open to the next',
      run: () =>
        Workbench.run(subject, async (bench) => {
          await bench.use((api) => actions.store(api, 'kept', value))
          const failing = failingOpen(subject.definition)
          const opening = bench.openAs(failing)
          await assert.rejects(opening, /on purpose/, 'the failure of open() is not thrown on')
          await bench.use(async (api) =>
            expectBytes(await actions.load(api, 'kept'), value, 'kept'),
          )
        }),
    },
    {
      key: 'lifecycle-open',
      name: 'while it is open, it stores and loads',
      run: () =>
        Workbench.run(subject, async (bench) => {
          const { api } = await bench.open()
          expectBytes(await actions.load(api, 'a'), undefined, 'before it was stored')
          await actions.store(api, 'a', value)
          expectBytes(await actions.load(api, 'a'), value, 'after it was stored')
        }),
    },
    {
      key: 'lifecycle-closing',
      name: 'as soon as close() is called everything is refused, and what was acknowledged is kept',
      run: () => Workbench.run(subject, (bench) => checkClosing(subject, bench)),
    },
    {
      key: 'lifecycle-closed',
      name: 'after close() every method, getter and part of the API is refused with STREAM_CLOSED',
      run: () =>
        Workbench.run(subject, async (bench) => {
          const opened = await bench.open()
          const members = apiMembers(opened.api)
          assert.ok(members.length > 0, 'the API has no members')
          await opened.close()
          for (const { path, use } of members) await expectRefused(use, 'STREAM_CLOSED', path)
        }),
    },
    {
      key: 'lifecycle-close-twice',
      name: 'close() may be called again, during and after',
      run: () =>
        Workbench.run(subject, async (bench) => {
          const opened = await bench.open()
          const closing = Promise.all([opened.close(), opened.close()])
          const outcome = await expectSettled(closing, CLOSE_MS, 'closing twice')
          assert.equal(outcome, 'resolved', 'closing twice failed')
          await opened.close()
        }),
    },
  ]
  return actions.iterate === undefined ? cases : [...cases, iteratorCase(subject, actions.iterate)]
}

async function checkClosing<Api extends object>(
  { actions }: Subject<Api>,
  bench: Workbench<Api>,
): Promise<void> {
  const opened = await bench.open()
  const names = Array.from({ length: 16 }, (_, i) => `name-${i}`)
  const writes = names.map((name) => actions.store(opened.api, name, value))
  const closing = opened.close()
  await expectRefused(() => actions.load(opened.api, 'name-0'), 'STREAM_CLOSED', 'loading')
  await expectRefused(() => actions.store(opened.api, 'late', value), 'STREAM_CLOSED', 'storing')
  const outcomes = await Promise.all(
    writes.map((write, i) => expectSettled(write, CLOSE_MS, `storing ${names[i]}`)),
  )
  await expectSettled(closing, CLOSE_MS, 'closing')
  for (const outcome of outcomes) {
    if (outcome === 'resolved') continue
    await expectRefused(
      () => Promise.reject(outcome),
      'STREAM_CLOSED',
      'a write that was under way',
    )
  }
  await bench.use(async (api) => {
    expectBytes(await actions.load(api, 'late'), undefined, 'stored after close() was called')
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome !== 'resolved') continue
      expectBytes(await actions.load(api, names[i] as string), value, `acknowledged ${names[i]}`)
    }
  })
}

function iteratorCase<Api extends object>(
  subject: Subject<Api>,
  iterate: (api: Api) => AsyncIterator<unknown>,
): ConformanceCase {
  const { actions } = subject
  return {
    key: 'lifecycle-iterator',
    name: 'an iterator that was begun before close() is refused after it',
    run: () =>
      Workbench.run(subject, async (bench) => {
        const opened = await bench.open()
        for (const name of ['a', 'b', 'c']) await actions.store(opened.api, name, value)
        const iterator = iterate(opened.api)
        const first = await iterator.next()
        assert.notEqual(first.done, true, 'the iterator gave nothing')
        await opened.close()
        await expectRefused(() => iterator.next(), 'STREAM_CLOSED', 'the next step of the iterator')
      }),
  }
}

// The subject, but for its last step.
function failingOpen(definition: AnyInterface): AnyInterface {
  const { name, contract, version, requires } = definition
  const opens = definition as { open(...args: unknown[]): unknown }
  return defineInterface({
    name,
    contract,
    version,
    ...(requires === undefined ? {} : { requires }),
    open: async (...args: unknown[]): Promise<object> => {
      await opens.open(...args)
      throw new Error('failed on purpose')
    },
  })
}
