import fs from 'node:fs/promises'
import { gitIn, serveGit, temporaryFolder } from '@datagram/fault-harness'
import { expect, it } from 'vitest'
import { startFirstMachine } from '../src/first-machine.ts'
import { startSecondMachine } from '../src/second-machine.ts'

it('clones a repository over HTTP, commits, and a second machine checks out what git itself finds whole', {
  timeout: 120_000,
}, async () => {
  await using folder = await temporaryFolder()
  const original = folder.join('served/original')
  await fs.mkdir(folder.join('served/original/docs'), { recursive: true })
  await fs.writeFile(folder.join('served/original/docs/ü.txt'), 'ü')
  await fs.writeFile(folder.join('served/original/run.sh'), '#!/bin/sh\n', { mode: 0o755 })
  await fs.symlink('run.sh', folder.join('served/original/start'))
  gitIn(original, 'init', '-q', '-b', 'main', '.')
  gitIn(original, 'add', '.')
  gitIn(original, 'commit', '-qm', 'first')

  await using server = await serveGit(folder.join('served'))
  const url = `${server.url}/original/.git`
  await using first = await startFirstMachine(folder.join('first'), url)
  expect(first.branch).toBe('main')
  await using second = await startSecondMachine(folder.join('second'), first)
  expect(await second.log()).toEqual(['first'])
  const commit = await first.commit('note.md', 'a note', 'Add a note')
  await expect.poll(() => second.log(), { timeout: 60_000 }).toEqual(['Add a note', 'first'])

  const out = folder.join('out')
  await second.checkOut('main', out)
  expect(gitIn(out, 'rev-parse', 'HEAD')).toBe(commit)
  expect(gitIn(out, 'status', '--porcelain')).toBe('')
  expect(gitIn(out, 'fsck', '--strict')).toBe('')
  expect(await fs.readFile(folder.join('out/note.md'), 'utf8')).toBe('a note')
  expect(await fs.readlink(folder.join('out/start'))).toBe('run.sh')
  const tree = (where: string, commit: string) => gitIn(where, 'ls-tree', '-r', commit)
  expect(tree(out, 'HEAD~1')).toBe(tree(original, 'HEAD'))
})
