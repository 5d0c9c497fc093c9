import nodefs from 'node:fs/promises'
import path from 'node:path'
import { gitIn, serveGit } from '@datagram/fault-harness'
import git from 'isomorphic-git'
import http from 'isomorphic-git/http/node'
import { collectGarbage, millisecondsOf } from '../stopwatch.ts'
import type { Task } from '../task.ts'
import type { Drive, OpenDrive } from './drive.ts'
import { expectBytes } from './file-workload.ts'

export interface GitParameters {
  readonly files: number
}

const FOLDERS = 12

/** isomorphic-git clones a repository over HTTP from a real git, and checks it out. */
export const gitClone: Task<GitParameters, Drive> = async ({ contender, folder }, { files }) => {
  const repository = path.join(folder, 'served', 'repository')
  await makeRepository(repository, files)
  await using server = await serveGit(path.join(folder, 'served'))
  const url = `${server.url}/repository/.git`
  const drive = await contender.open(path.join(folder, 'measured'))
  await clone(drive, '/warm-up', url)
  collectGarbage()
  const ms = await millisecondsOf(() => clone(drive, '/measured', url))
  for (let i = 0; i < files; i += 17) {
    const file = filePath(i)
    const read = await drive.read(`/measured/${file}`)
    expectBytes(file, read, Buffer.from(textOf(i)))
  }
  await drive.close()
  return { ms, filesPerSecond: (files * 1000) / ms }
}

function clone({ asNode }: OpenDrive, dir: string, url: string): Promise<void> {
  if (asNode === undefined) throw new TypeError('it is not taken for node:fs')
  const { fs, root } = asNode
  return git.clone({ fs, dir: `${root}${dir}`, http, url })
}

async function makeRepository(folder: string, files: number): Promise<void> {
  await nodefs.mkdir(folder, { recursive: true })
  for (let i = 0; i < files; i++) {
    const file = path.join(folder, filePath(i))
    await nodefs.mkdir(path.dirname(file), { recursive: true })
    await nodefs.writeFile(file, textOf(i))
  }
  gitIn(folder, 'init', '-q', '-b', 'main', '.')
  gitIn(folder, 'add', '.')
  gitIn(folder, 'commit', '-qm', 'all')
}

function filePath(index: number): string {
  return `folder-${index % FOLDERS}/sub-${index % 5}/file-${index}.txt`
}

// Up to some 8 KB, as source files are.
function textOf(index: number): string {
  const lines = (index * 37) % 200
  return Array.from(
    { length: lines + 1 },
    (_, i) => `line ${i} of file ${index}: ${i * index}`,
  ).join('\n')
}
