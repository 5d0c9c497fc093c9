// npm start: the whole point in a minute. A folder goes into an encrypted, signed datagram; a second process
// clones it from one link and compares every byte; a third fetches one file and nothing else.
import { fork } from 'node:child_process'
import fs from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { type DatagramFs, isDatagramError, openDatagram } from 'datagram'
import { takeIn } from './author.ts'
import { peakMemoryBytes } from './memory.ts'
import type { ReaderReport, ReaderTask } from './messages.ts'
import { bytes } from './progress.ts'
import { listFiles, pathOf } from './walk.ts'

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url))
const READER = fileURLToPath(new URL('./reader.js', import.meta.url))
const HOME = path.join(REPOSITORY, '.datagram-start')
const PASSWORD = 'correct horse battery staple'

async function main(): Promise<void> {
  const { positionals } = parseArgs({ allowPositionals: true })
  if (positionals.length > 1) throw new TypeError('give one folder: npm start -- FOLDER')
  const source = path.resolve(positionals[0] ?? REPOSITORY)
  if (!(await isFolder(source))) throw new TypeError(`there is no folder ${source}; name another`)
  const names = await listFiles(source, { whole: positionals.length === 1 })
  if (names.length === 0)
    throw new TypeError(`there are no files in ${source}; name another folder`)
  await fs.rm(HOME, { recursive: true, force: true })

  console.log(`\nDatagram: ${names.length} files of ${source}\n`)
  await using author = await openDatagram(path.join(HOME, 'author'), { password: PASSWORD })
  console.log('1. Into an encrypted, signed datagram:')
  const whole = positionals.length === 1
  const intake = await takeIn(author, source, { whole, files: names.length })

  const link = await author.share()
  const server = await author.listen({ host: '127.0.0.1', port: 0 })
  const address = server.address() as ReaderTask['address']
  console.log(`\n   The link to all of it:\n   ${link}\n`)
  const task = { link, address, source, password: PASSWORD, expected: names.length }

  console.log('2. A second process clones it from the link, over TCP, and compares every file:')
  const clone = await runReader({ ...task, folder: path.join(HOME, 'clone') })

  const only = await pickOne(await author.fs('files'), names)
  console.log(`\n3. A third process fetches one file only: ${only}`)
  const one = await runReader({ ...task, folder: path.join(HOME, 'one-file'), only })

  console.log('\n4. Somebody tries the clone with a wrong password:')
  console.log(`   refused: ${await wrongPassword(path.join(HOME, 'clone'))}\n`)

  console.log(summary(intake, clone, one))
  console.log(nextSteps())
  if (clone.verified + clone.changed !== names.length || one.wrong.length > 0) process.exitCode = 1
}

async function isFolder(name: string): Promise<boolean> {
  const found = await fs.stat(name).catch(() => undefined)
  return found?.isDirectory() ?? false
}

/** Runs a reader in a process of its own; rejects when it fails or ends without an answer. */
function runReader(task: ReaderTask): Promise<ReaderReport> {
  return new Promise((resolve, reject) => {
    const child = fork(READER, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    child.once('message', (answer: { report?: ReaderReport; failure?: string }) => {
      if (answer.report) resolve(answer.report)
      else reject(new Error(`the reader failed: ${answer.failure}`))
    })
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      reject(new Error(`the reader ended without an answer (${signal ?? code})`))
    })
    child.send(task)
  })
}

// A file of middling size shows best how little crosses the wire.
async function pickOne(files: DatagramFs, names: readonly string[]): Promise<string> {
  const sizes: { name: string; size: number }[] = []
  for (const name of names) {
    sizes.push({ name, size: (await files.promises.stat(pathOf(name))).size })
  }
  sizes.sort((a, b) => a.size - b.size)
  return sizes[Math.floor(sizes.length / 2)]?.name ?? (names[0] as string)
}

async function wrongPassword(folder: string): Promise<string> {
  try {
    await using wrong = await openDatagram(folder, { password: 'a wrong guess' })
    void wrong
  } catch (error) {
    if (isDatagramError(error, 'PASSWORD_WRONG')) return `${error.code}: ${error.message}`
    throw error
  }
  throw new Error('the wrong password was not refused')
}

function summary(
  intake: Awaited<ReturnType<typeof takeIn>>,
  clone: ReaderReport,
  one: ReaderReport,
): string {
  const head = ['', 'files', 'bytes', 'seconds', 'on the wire', 'verified', 'peak memory']
  const table = new Table({ head, style: { head: [], border: [] } })
  const row = (title: string, report: ReaderReport) => [
    title,
    report.files,
    bytes(report.bytes),
    seconds(report.ms),
    bytes(report.wireBytes),
    `${report.verified}/${report.files}`,
    bytes(report.peakMemoryBytes),
  ]
  table.push(
    [
      'taken in',
      intake.files,
      bytes(intake.bytes),
      seconds(intake.ms),
      '',
      '',
      bytes(peakMemoryBytes()),
    ],
    row('cloned', clone),
    row('one file', one),
  )
  const share = (100 * one.wireBytes) / clone.wireBytes
  return `${table.toString()}\nOne file took ${bytes(one.wireBytes)} of the ${bytes(clone.wireBytes)} that the whole takes (${share.toFixed(1)} %).`
}

function nextSteps(): string {
  const home = path.relative(process.cwd(), HOME) || '.'
  return `
The data is in ${home}: author, clone and one-file, each a datagram with the password
"${PASSWORD}". It is made anew at each start.

Next: npm start -- A-FOLDER-OF-YOURS, the ten lines in README.md, or packages/datagram/README.md.`
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2)
}

main().catch((error: Error) => {
  console.error(error instanceof TypeError || isDatagramError(error) ? error.message : error)
  process.exitCode = 1
})
