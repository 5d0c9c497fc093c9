// Two machines in one program: a web server with its sessions, and a clone of them while it runs.
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { startFirstMachine } from './first-machine.ts'
import { startSecondMachine } from './second-machine.ts'
import { Visitor } from './visitor.ts'

const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'redis-on-datagram-'))
try {
  await using first = await startFirstMachine(path.join(folder, 'first'))
  const visitor = new Visitor(first.url)
  console.log('the first machine says:', await visitor.visit())
  console.log('the first machine says:', await visitor.visit())

  await using second = await startSecondMachine(path.join(folder, 'second'), first)
  console.log('the second machine has visitors with so many visits:', await second.visits())
} finally {
  await fs.rm(folder, { recursive: true, force: true })
}
