// Two machines in one program: the first clones a git repository into a datagram and commits there, the second
// has a replica of the datagram and checks it out.
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { startFirstMachine } from './first-machine.ts'
import { startSecondMachine } from './second-machine.ts'

async function main(url: string | undefined): Promise<void> {
  if (url === undefined) throw new TypeError('give the URL of a git repository: node main.js URL')
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'git-on-datagram-'))
  try {
    await using first = await startFirstMachine(path.join(folder, 'first'), url)
    await first.commit('NOTE.md', 'Written in a datagram.\n', 'Add a note')
    await using second = await startSecondMachine(path.join(folder, 'second'), first)
    console.log('the second machine reads:', await second.log())
    const out = path.join(folder, 'checked-out')
    await second.checkOut(first.branch ?? 'HEAD', out)
    console.log('and has checked out:', (await fs.readdir(out)).sort())
  } finally {
    await fs.rm(folder, { recursive: true, force: true })
  }
}

main(process.argv[2]).catch((error: Error) => {
  console.error(error.message)
  process.exitCode = 1
})
