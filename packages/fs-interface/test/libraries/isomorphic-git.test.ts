import nodefs from 'node:fs'
import path from 'node:path'
import { serveGit, temporaryFolder } from '@datagram/fault-harness'
import git from 'isomorphic-git'
import http from 'isomorphic-git/http/node'
import { describe, expect, it } from 'vitest'
import { temporaryFs } from '../temporary-fs.ts'
import { makeRepository } from './git-repository.ts'

type Fs = Pick<typeof nodefs, 'promises'>

const author = { name: 'B', email: 'b@example.org', timestamp: 1_700_000_000, timezoneOffset: 0 }

/** What a person does in a day: the states that it leads to, to be compared. */
async function dayOfWork(fs: Fs, dir: string, url: string): Promise<unknown[]> {
  const repo = { fs, dir }
  await git.clone({ ...repo, http, url })
  const states: unknown[] = [await git.log(repo), await git.listFiles(repo)]
  await fs.promises.writeFile(`${dir}/new.txt`, 'new')
  await fs.promises.appendFile(`${dir}/d0/sub0/file 0.txt`, 'more')
  await fs.promises.unlink(`${dir}/d1/sub1/file 1.txt`)
  states.push(await changes(repo))
  for (const filepath of ['new.txt', 'd0/sub0/file 0.txt']) await git.add({ ...repo, filepath })
  await git.remove({ ...repo, filepath: 'd1/sub1/file 1.txt' })
  states.push(await git.commit({ ...repo, message: 'second', author }))
  await git.branch({ ...repo, ref: 'topic', checkout: true })
  await fs.promises.writeFile(`${dir}/d2/topic.txt`, 'topic')
  await git.add({ ...repo, filepath: 'd2/topic.txt' })
  states.push(await git.commit({ ...repo, message: 'topic', author }))
  await git.checkout({ ...repo, ref: 'main' })
  states.push(await changes(repo), await picture(fs, dir))
  const merging = { ...repo, ours: 'main', author, committer: author }
  states.push(await git.merge({ ...merging, theirs: 'origin/side' }))
  states.push(await git.merge({ ...merging, theirs: 'topic', message: 'both' }))
  await git.checkout({ ...repo, ref: 'main' })
  states.push(await changes(repo), await picture(fs, dir), await git.listBranches(repo))
  return states
}

async function changes(repo: { readonly fs: Fs; readonly dir: string }): Promise<unknown[]> {
  const rows = await git.statusMatrix(repo)
  return rows.filter(([, head, work, stage]) => head !== 1 || work !== 1 || stage !== 1)
}

/** Every file, with its mode and what is in it; git's own folder is left out. */
async function picture(fs: Fs, dir: string): Promise<Record<string, unknown>> {
  const files: Record<string, unknown> = {}
  const visit = async (at: string): Promise<void> => {
    for (const name of (await fs.promises.readdir(path.join(dir, at))).sort()) {
      if (name === '.git') continue
      const [inner, full] = [path.join(at, name), path.join(dir, at, name)]
      const stats = await fs.promises.lstat(full)
      if (stats.isDirectory()) await visit(inner)
      else if (stats.isSymbolicLink()) files[inner] = await fs.promises.readlink(full)
      else files[inner] = [stats.mode & 0o100, await fs.promises.readFile(full, 'utf8')]
    }
  }
  await visit('')
  return files
}

describe('isomorphic-git', () => {
  it('clones, commits, branches, merges and checks out as on node:fs', {
    timeout: 300_000,
  }, async () => {
    await using served = await temporaryFolder()
    await using theirs = await temporaryFolder()
    const repository = path.join(served.path, 'repository')
    nodefs.mkdirSync(repository)
    makeRepository(repository)
    await using server = await serveGit(served.path)
    const url = `${server.url}/repository/.git`
    const expected = await dayOfWork(nodefs, path.join(theirs.path, 'repo'), url)
    expect(Object.keys(expected.at(-2) as object)).toHaveLength(45)
    expect(await dayOfWork(await temporaryFs(), '/repo', url)).toEqual(expected)
  })
})
