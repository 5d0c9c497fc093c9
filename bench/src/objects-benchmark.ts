import { execFile } from 'node:child_process'
import fs from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { Random, temporaryFolder } from '@datagram/fault-harness'
import { type Objects, openObjects } from '@datagram/object-store'

const run = promisify(execFile)

/** How the benchmark of objects is run. */
export interface ObjectsCommand {
  readonly name: 'objects'
  readonly rounds: number
  readonly json: boolean
  readonly quick: boolean
}

/** One work, done by both in turn. Times are milliseconds, best of the rounds. */
export interface ObjectsRow {
  readonly work: string
  readonly ours: number
  readonly git: number
  /** How many times git's speed it should at least have, where that is a goal. */
  readonly goal: number | undefined
}

const works = ['import', 'read', 'pull'] as const
type Work = (typeof works)[number]
type Times = Readonly<Record<Work, number>>

const words: Readonly<Record<Work, string>> = {
  import: 'import a folder / git add, git commit',
  read: 'read and verify all of it / git fsck',
  pull: 'pull all of it / git fetch',
}

// The seed of the contents: the same in every round, for both.
const SEED = 9

/**
 * Measures a folder of text files of up to 16 KB, put into a store of objects and into a git repository, read,
 * and brought to an empty one. Ours is encrypted and signed; git's is compressed.
 */
export async function measureObjects({ rounds, quick }: ObjectsCommand): Promise<ObjectsRow[]> {
  await using folder = await temporaryFolder('datagram-bench-objects-')
  const files = folder.join('files')
  await writeFiles(files, quick ? 60 : 2000)
  const ours: Times[] = []
  const git: Times[] = []
  for (let round = 0; round < rounds; round++) {
    ours.push(await measureOurs(files, folder.join(`ours-${round}`)))
    git.push(await measureGit(files, folder.join(`git-${round}`)))
  }
  return works.map((work) => ({
    work: words[work],
    ours: Math.min(...ours.map((times) => times[work])),
    git: Math.min(...git.map((times) => times[work])),
    goal: work === 'import' ? 0.5 : undefined,
  }))
}

/** The rows as a table, with what the goal says. */
export function objectsTable(rows: readonly ObjectsRow[]): string {
  const lines = rows.map(({ work, ours, git, goal }) => {
    const ratio = git / ours
    const verdict = goal === undefined ? '' : `≥ ${goal} ×: ${ratio >= goal ? 'met' : 'missed'}`
    return `| ${work} | ${ours.toFixed(0)} ms | ${git.toFixed(0)} ms | ${ratio.toFixed(2)} × | ${verdict} |`
  })
  return [
    '| work | ours | git | speed, of git’s | goal |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n')
}

async function measureOurs(files: string, folder: string): Promise<Times> {
  await using objects = await openObjects(path.join(folder, 'one'))
  await using other = await openObjects(path.join(folder, 'other'))
  return {
    import: await timed(() => objects.importTree(files)),
    read: await timed(() => readAll(objects)),
    pull: await timed(() => other.pull(objects)),
  }
}

async function readAll(objects: Objects): Promise<void> {
  for await (const { namedHash } of objects.contents()) await objects.getBlob(namedHash)
}

async function measureGit(files: string, folder: string): Promise<Times> {
  const [one, other] = [path.join(folder, 'one'), path.join(folder, 'other')]
  const git = (repository: string, ...args: readonly string[]) =>
    run('git', [`--git-dir=${repository}`, `--work-tree=${files}`, ...args], { cwd: files })
  await fs.mkdir(folder)
  for (const repository of [one, other]) await git(repository, 'init', '--quiet')
  const author = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org']
  return {
    import: await timed(async () => {
      await git(one, 'add', '--all')
      await git(one, ...author, 'commit', '--quiet', '--message', 'all')
    }),
    read: await timed(() => git(one, 'fsck', '--full')),
    pull: await timed(() => git(other, 'fetch', '--quiet', one, 'HEAD')),
  }
}

async function writeFiles(folder: string, count: number): Promise<void> {
  const random = new Random(SEED)
  for (let i = 0; i < count; i++) {
    const within = path.join(folder, `directory ${i % 40}`)
    await fs.mkdir(within, { recursive: true })
    const lines = Array.from(
      { length: random.between(1, 400) },
      () => `${random.next32()} is a number`,
    )
    await fs.writeFile(path.join(within, `file ${i}.txt`), lines.join('\n'))
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now()
  await work()
  return performance.now() - before
}
