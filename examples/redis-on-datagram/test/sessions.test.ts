import { temporaryFolder } from '@datagram/fault-harness'
import { expect, it } from 'vitest'
import { startFirstMachine } from '../src/first-machine.ts'
import { startSecondMachine } from '../src/second-machine.ts'
import { Visitor } from '../src/visitor.ts'

it('knows visitors again, and a second machine has their sessions while the first goes on', {
  timeout: 120_000,
}, async () => {
  await using folder = await temporaryFolder()
  await using first = await startFirstMachine(folder.join('first'))
  const [ada, ben] = [new Visitor(first.url), new Visitor(first.url)]
  expect(await ada.visit()).toBe('visit 1')
  expect(await ada.visit()).toBe('visit 2')
  expect(await ben.visit()).toBe('visit 1')

  await using second = await startSecondMachine(folder.join('second'), first)
  const soon = { timeout: 60_000 }
  await expect.poll(() => second.visits(), soon).toEqual([1, 2])
  expect(await ada.visit()).toBe('visit 3')
  await expect.poll(() => second.visits(), soon).toEqual([1, 3])
  await expect(second.client.set('a', '1')).rejects.toThrow('READONLY')
})
