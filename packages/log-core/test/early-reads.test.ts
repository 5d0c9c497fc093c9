import fs from 'node:fs'
import path from 'node:path'
import Corestore from 'corestore'
import HypercoreStorage from 'hypercore-storage'
import { expect, onTestFinished, test } from 'vitest'
import { EarlyReads } from '../src/hypercore/early-reads.ts'
import { prepareLogs } from '../src/hypercore/prepare-logs.ts'
import { openStore } from '../src/index.ts'
import { temporaryFolder } from './temporary-store.ts'

// Large enough that it lies in a file of its own.
const LARGE = Buffer.alloc(64 * 1024, 7)

async function writtenFolder(): Promise<string> {
  const folder = await temporaryFolder()
  const storage = new HypercoreStorage(folder)
  const corestore = new Corestore(storage)
  const core = corestore.get(NAMED)
  await core.append([Buffer.from('small'), LARGE])
  await storage.db.flush()
  await corestore.close()
  return folder
}

const NAMED = { name: 'early' } as object

interface Gate {
  readonly opened: Promise<void>
  /** Opens the engine itself. */
  open(): Promise<void>
}

/** An engine that is not opened before it is said, with what is read of it until then. */
async function waitingEngine(folder: string) {
  const storage = new HypercoreStorage(folder)
  let begin = () => undefined as void
  const opened = new Promise<void>((resolve) => {
    begin = resolve
  }).then(() => storage.rocks.ready())
  const gate: Gate = {
    opened,
    open: () => {
      begin()
      return opened
    },
  }
  const early = await EarlyReads.open(folder, {}, { session: storage.db, opened })
  if (early === undefined) throw new Error('nothing can be read early')
  const corestore = new Corestore(storage)
  onTestFinished(async () => {
    await gate.open()
    await early.ended
    await corestore.close()
  })
  return { gate, early, corestore }
}

test('a log is opened and read before the engine is open; appends wait for it', async () => {
  const { gate, early, corestore } = await waitingEngine(await writtenFolder())
  const core = corestore.get(NAMED)
  await core.ready()
  expect(core.length).toBe(2)
  expect(await core.get(0)).toEqual(Buffer.from('small'))
  expect(await core.get(1)).toEqual(LARGE)
  let isAppended = false
  const appending = core.append([Buffer.from('late')]).then(() => {
    isAppended = true
  })
  expect(await core.get(0)).toEqual(Buffer.from('small'))
  expect(isAppended).toBe(false)
  await gate.open()
  await early.ended
  await appending
  expect(await core.get(2)).toEqual(Buffer.from('late'))
})

test('a read that fails early is made again by the engine', async () => {
  const folder = await writtenFolder()
  const { gate, corestore } = await waitingEngine(folder)
  const core = corestore.get(NAMED)
  await core.ready()
  const blobs = fs
    .readdirSync(path.join(folder, 'db'))
    .filter((name) => name.endsWith('.blob'))
    .map((name) => path.join(folder, 'db', name))
  const contents = blobs.map((file) => fs.readFileSync(file))
  for (const file of blobs) fs.truncateSync(file)
  let isRead = false
  const reading = core.get(1).then((block) => {
    isRead = true
    return block
  })
  // Comes after the one that fails.
  expect(await core.get(0)).toEqual(Buffer.from('small'))
  expect(isRead).toBe(false)
  for (const [i, file] of blobs.entries()) fs.writeFileSync(file, contents[i] as Buffer)
  await gate.open()
  expect(await reading).toEqual(LARGE)
})

test('what cannot be read at all is left to the engine', async () => {
  const folder = await temporaryFolder()
  fs.mkdirSync(path.join(folder, 'db'))
  const { db } = new HypercoreStorage(folder)
  const engine = { session: db, opened: Promise.resolve() }
  expect(await EarlyReads.open(folder, {}, engine)).toBeUndefined()
})

test('an engine that was open first reads by itself', async () => {
  const folder = await writtenFolder()
  const storage = new HypercoreStorage(folder)
  const opened = storage.rocks.ready()
  await opened
  const early = await EarlyReads.open(folder, {}, { session: storage.db, opened })
  await early?.ended
  const corestore = new Corestore(storage)
  const core = corestore.get(NAMED)
  await core.append([Buffer.from('more')])
  expect(await core.get(2)).toEqual(Buffer.from('more'))
  await corestore.close()
})

test('the logs are empty after a close, and not while something was written since', async () => {
  const folder = path.join(await temporaryFolder(), 'store')
  const database = path.join(folder, 'logs', 'db')
  const store = await openStore(folder)
  const log = await store.open('one')
  await log.append(Buffer.from('one'))
  expect(await prepareLogs(database)).toEqual({ isEmpty: false })
  await store.close()
  expect(await prepareLogs(database)).toEqual({ isEmpty: true })
})

test('a store opened to be read early has its logs, takes writes, and is whole when it is ready', async () => {
  const folder = path.join(await temporaryFolder(), 'store')
  const first = await openStore(folder)
  await (await first.open('one')).append([Buffer.from('a'), LARGE])
  await first.close()
  for (let i = 0; i < 5; i++) {
    const store = await openStore(folder, { readEarly: true })
    const log = await store.open('one')
    expect(await log.get(1)).toEqual(Uint8Array.from(LARGE))
    const appended = log.append(Buffer.from(`b${i}`))
    await store.ready()
    expect(await appended).toBe(2 + i)
    expect(await log.get(2 + i)).toEqual(Uint8Array.from(Buffer.from(`b${i}`)))
    await store.close()
  }
})

test('closed before it is ready, it lets go of everything', async () => {
  const folder = path.join(await temporaryFolder(), 'store')
  const first = await openStore(folder)
  await (await first.open('one')).append(LARGE)
  await first.close()
  for (let i = 0; i < 3; i++) await (await openStore(folder, { readEarly: true })).close()
  const last = await openStore(folder)
  expect((await last.open('one')).length).toBe(1)
  await last.close()
})
