// Appends to a file, syncs now and then, publishes its steps, and says what is done.
import { channel } from 'node:diagnostics_channel'
import { openSync, writeSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { acknowledge, childOptions } from '../../src/index.ts'

const { file, syncEvery } = childOptions<{ file: string; syncEvery: number }>()
const steps = channel('datagram.step')
const fd = openSync(file, 'a')
const syncing = await open(file, 'r')
await rename(file, `${file}.log`)
for (let i = 1; ; i++) {
  if (steps.hasSubscribers) steps.publish({ step: 'before' })
  writeSync(fd, '0123456789')
  if (steps.hasSubscribers) steps.publish({ step: 'written' })
  if (i % syncEvery === 0) await syncing.datasync()
  acknowledge(i)
}
