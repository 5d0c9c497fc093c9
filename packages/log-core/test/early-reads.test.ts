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
  /** Opens the engine itself. */
  open(): Promise<void>
}

/** An engine that is not opened before it is said, with what is read of it until then. */
async function waitingEngine(folder: string) {
  const storage = new HypercoreStorage(folder)
  let begin = () => undefined as void
  const opened = new Promise<void>((resolve) => {
    begin = resolve
  })
    .then(() => storage.rocks.ready())
    .then(() => void early?.end())
  const gate: Gate = {
    open: () => {
      begin()
      return opened
    },
  }
  const engine = { root: storage.rocks, session: storage.db, open: () => opened }
  const early = await EarlyReads.begin(folder, {}, engine)
  if (early === undefined) throw new Error('nothing can be read early')
  const corestore = new Corestore(storage)
  onTestFinished(async () => {
    await gate.open()
    await early.end()
    await corestore.close()
  })
  return { gate, early, corestore }
}

test('a log is opened and read before the engine is open; appends wait for it', async () => {
  const { gate, corestore } = await waitingEngine(await writtenFolder())
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
  const { rocks, db } = new HypercoreStorage(folder)
  const engine = { root: rocks, session: db, open: () => Promise.resolve() }
  expect(await EarlyReads.begin(folder, {}, engine)).toBeUndefined()
})

test('a log that is closed before the engine is open opens again', async () => {
  const { corestore, gate } = await waitingEngine(await writtenFolder())
  for (let i = 0; i < 3; i++) {
    const core = corestore.get(NAMED)
    expect(await core.get(0)).toEqual(Buffer.from('small'))
    await core.close()
  }
  await gate.open()
  const core = corestore.get(NAMED)
  await core.append([Buffer.from('more')])
  expect(await core.get(2)).toEqual(Buffer.from('more'))
})

test('a snapshot taken before the engine is open stays as it was', async () => {
  const folder = await writtenFolder()
  const { corestore, gate } = await waitingEngine(folder)
  const core = corestore.get(NAMED)
  await core.ready()
  const snapshot = (core as unknown as { snapshot(): typeof core }).snapshot()
  await snapshot.ready()
  expect(await snapshot.get(0)).toEqual(Buffer.from('small'))
  await gate.open()
  await core.append([Buffer.from('more')])
  expect(snapshot.length).toBe(2)
  expect(await snapshot.get(1)).toEqual(LARGE)
  await snapshot.close()
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

/** A closed store with one log of two blocks. */
async function closedStore(folder: string): Promise<void> {
  const store = await openStore(folder)
  await (await store.open('one')).append([Buffer.from('a'), LARGE])
  await store.close()
}

/** The names, sizes and times of the engine's files. */
function engineFiles(folder: string) {
  const database = path.join(folder, 'logs', 'db')
  return fs.readdirSync(database).map((name) => {
    const { size, mtimeMs } = fs.statSync(path.join(database, name))
    return { name, size, mtimeMs }
  })
}

test('a store opened to be read early has its logs, and takes writes', async () => {
  const folder = path.join(await temporaryFolder(), 'store')
  await closedStore(folder)
  for (let i = 0; i < 5; i++) {
    const store = await openStore(folder, { readEarly: true })
    const log = await store.open('one')
    expect(await log.get(1)).toEqual(Uint8Array.from(LARGE))
    const appended = log.append(Buffer.from(`b${i}`))
    if (i % 2 === 0) await store.ready()
    expect(await appended).toBe(2 + i)
    expect(await log.get(2 + i)).toEqual(Uint8Array.from(Buffer.from(`b${i}`)))
    await store.close()
  }
})

test('what is only read writes nothing, and is locked as long', async () => {
  const folder = path.join(await temporaryFolder(), 'store')
  await closedStore(folder)
  const before = engineFiles(folder)
  for (let i = 0; i < 3; i++) {
    const store = await openStore(folder, { readEarly: true })
    const log = await store.open('one')
    expect(await log.get(1)).toEqual(Uint8Array.from(LARGE))
    await store.sync()
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'STORE_LOCKED' })
    // The lock is the engine's own too.
    const second = new HypercoreStorage(path.join(folder, 'logs'))
    await expect(second.deviceFile.ready()).rejects.toThrow('could not be locked')
    if (i === 1) await log.close()
    await store.close()
  }
  expect(engineFiles(folder)).toEqual(before)
  const last = await openStore(folder)
  expect((await last.open('one')).length).toBe(2)
  await last.close()
})

test('a log that is new is made, and everything else asks for the engine', async () => {
  const folder = path.join(await temporaryFolder(), 'store')
  await closedStore(folder)
  const store = await openStore(folder, { readEarly: true })
  const log = await store.open('two')
  expect(log.length).toBe(0)
  await log.append(Buffer.from('first'))
  await store.close()
  const again = await openStore(folder, { readEarly: true })
  await again.compact()
  expect(await (await again.open('two')).get(0)).toEqual(Uint8Array.from(Buffer.from('first')))
  await again.close()
})

test('closed before it is ready, it lets go of everything', async () => {
  const folder = path.join(await temporaryFolder(), 'store')
  await closedStore(folder)
  for (let i = 0; i < 6; i++) {
    const store = await openStore(folder, { readEarly: true })
    const ready = i % 2 === 0 ? store.ready() : undefined
    await store.close()
    await ready
  }
  const last = await openStore(folder)
  expect((await last.open('one')).length).toBe(2)
  await last.close()
})
