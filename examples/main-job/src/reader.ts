// A reader process: clones what a link names, over TCP, and compares what it got.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import path from 'node:path'
import { cloneDatagram, type Datagram } from 'datagram'
import { peakMemoryBytes } from './memory.ts'
import type { ReaderReport, ReaderTask } from './messages.ts'
import { bytes, showProgress } from './progress.ts'
import { type EntryFacts, entriesOf, filesOf } from './streams.ts'

async function run(task: ReaderTask): Promise<ReaderReport> {
  const began = performance.now()
  const progress = task.only === undefined ? showProgress('cloning') : undefined
  await using copy = await cloneDatagram(task.link, task.folder, {
    connect: [task.address],
    password: task.password,
    sparse: task.only !== undefined,
    onProgress: ({ blocksDone, blocksWanted, bytesReceived }) =>
      progress?.update(blocksDone, blocksWanted, `blocks, ${bytes(bytesReceived)}`),
  })
  progress?.end()
  const compared = await compare(copy, task)
  const { bytesIn, bytesOut } = copy.stats().wire
  return {
    ...compared,
    ms: performance.now() - began,
    wireBytes: bytesIn + bytesOut,
    peakMemoryBytes: peakMemoryBytes(),
  }
}

type Comparison = Pick<ReaderReport, 'files' | 'bytes' | 'verified' | 'unchanged' | 'wrong'>

async function compare(
  copy: Datagram,
  { source, only, expected }: ReaderTask,
): Promise<Comparison> {
  const files = await filesOf(copy)
  const entries = await entriesOf(copy)
  const progress = only === undefined ? showProgress('comparing') : undefined
  const wrong: string[] = []
  let count = 0
  let unchanged = 0
  let total = 0
  const check = async (name: string, facts: EntryFacts) => {
    const kept = await files.sha256(name)
    // With what the author read, and with the original itself, unless that has changed since.
    const original = await fileSha256(path.join(source, name)).catch(() => undefined)
    if (kept !== facts.sha256) wrong.push(name)
    if (original === facts.sha256) unchanged++
    total += facts.size
    progress?.update(++count, expected, `files, ${bytes(total)}`)
  }
  if (only === undefined) {
    for await (const [name, facts] of entries.entries()) await check(name, facts)
  } else {
    const facts = await entries.get(only)
    if (facts === undefined) throw new Error(`the clone has no entry for ${only}`)
    await check(only, facts)
    count = 1
  }
  progress?.end()
  return { files: count, bytes: total, verified: count - wrong.length, unchanged, wrong }
}

async function fileSha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of createReadStream(file)) hash.update(part as Uint8Array)
  return hash.digest('hex')
}

process.once('message', (task: ReaderTask) => {
  run(task).then(
    (report) => process.send?.({ report }, () => process.disconnect()),
    (error: Error) =>
      process.send?.({ failure: error.stack ?? error.message }, () => process.disconnect()),
  )
})
