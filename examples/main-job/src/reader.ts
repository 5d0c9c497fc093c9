// A reader process: clones what a link names, over TCP, and compares what it got.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import { cloneDatagram, type Datagram, type DatagramFs } from 'datagram'
import { peakMemoryBytes } from './memory.ts'
import type { ReaderReport, ReaderTask } from './messages.ts'
import { bytes, showProgress } from './progress.ts'
import { pathOf } from './walk.ts'

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

type Comparison = Pick<ReaderReport, 'files' | 'bytes' | 'verified' | 'changed' | 'wrong'>

async function compare(
  copy: Datagram,
  { source, only, expected }: ReaderTask,
): Promise<Comparison> {
  const files = await copy.fs('files')
  const names = only === undefined ? await filesIn(files) : [only]
  const progress = only === undefined ? showProgress('comparing') : undefined
  const wrong: string[] = []
  let changed = 0
  let total = 0
  for (const [i, name] of names.entries()) {
    const { size, mtimeMs } = await files.promises.stat(pathOf(name))
    const original = await fs.stat(path.join(source, name)).catch(() => undefined)
    const kept = await sha256(files.createReadStream(pathOf(name)))
    // With the original itself, unless somebody has changed that since it was taken in.
    const isSame = original?.size === size && Math.abs(original.mtimeMs - mtimeMs) < 1
    if (!isSame) changed++
    else if ((await sha256(createReadStream(path.join(source, name)))) !== kept) wrong.push(name)
    total += size
    progress?.update(i + 1, expected, `files, ${bytes(total)}`)
  }
  progress?.end()
  const verified = names.length - wrong.length - changed
  return { files: names.length, bytes: total, verified, changed, wrong }
}

async function filesIn({ promises }: DatagramFs): Promise<string[]> {
  const entries = await promises.readdir('/', { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.posix.join(parentPath, name).slice(1))
}

async function sha256(content: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of content) hash.update(part)
  return hash.digest('hex')
}

process.once('message', (task: ReaderTask) => {
  run(task).then(
    (report) => process.send?.({ report }, () => process.disconnect()),
    (error: Error) =>
      process.send?.({ failure: error.stack ?? error.message }, () => process.disconnect()),
  )
})
