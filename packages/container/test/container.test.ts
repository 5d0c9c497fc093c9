import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { openStore, type Store } from '@datagram/log-core'
import { defineInterface } from '@datagram/stream'
import b4a from 'b4a'
import { describe, expect, it, onTestFinished } from 'vitest'
import { claimOrigin, Container, openBlindLink, openLink } from '../src/index.ts'
import { readRoster } from '../src/roster.ts'

const notes = defineInterface({
  name: 'notes',
  contract: 1,
  version: 1,
  open: (stream) => ({
    add: (text: string) => stream.write((tx) => tx.append(text).n),
    count: () => stream.count(),
  }),
})
const code = (expected: string) => expect.objectContaining({ code: expected })

async function newFolder(): Promise<string> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'datagram-container-'))
  onTestFinished(() => fs.rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

async function newContainer(): Promise<{ store: Store; container: Container; folder: string }> {
  const folder = await newFolder()
  const store = await openStore(folder)
  const container = await Container.open(store)
  onTestFinished(async () => {
    await container.close()
    await store.close()
  })
  return { store, container, folder }
}

async function names(container: Container): Promise<string[]> {
  const all: string[] = []
  for await (const { name } of container.list()) all.push(name)
  return all
}

describe('a container', () => {
  it('names its streams in the roster, its own first, in plain sight of hosts', async () => {
    const { store, container } = await newContainer()
    await container.open('diary', notes)
    await container.open('letters', notes)
    const entries = await readRoster(await store.open('roster', { cipherKey: null }))
    const keys = [container.root.key]
    for await (const { key } of container.list()) keys.push(key)
    expect(entries.map(({ indexKey }) => b4a.toString(indexKey, 'hex')).sort()).toEqual(
      keys.map((key) => b4a.toString(key, 'hex')).sort(),
    )
    expect(b4a.equals(entries[0]?.indexKey as Uint8Array, container.root.key)).toBe(true)
  })

  it('is whole again after closing, and writes its roster once', async () => {
    const folder = await newFolder()
    for (let run = 1; run <= 3; run++) {
      await using store = await openStore(folder)
      await using container = await Container.open(store)
      const diary = await container.open('diary', notes)
      await diary.add(`run ${run}`)
      expect(await diary.count()).toBe(run)
      expect(await names(container)).toEqual(['diary'])
      expect((await store.open('roster', { cipherKey: null })).length).toBe(2)
    }
  })

  it('tells listeners of each stream once, and of new labels', async () => {
    const { container } = await newContainer()
    await container.prepare()
    const seen: string[] = []
    container.onStreamAdded(({ type }) => seen.push(`added ${type}`))
    container.onStreamChanged(({ labels }) => seen.push(`labels ${labels.join()}`))
    await Promise.all([container.open('a', notes), container.open('a', notes)])
    await container.describe('a', { labels: ['public'] })
    await container.describe('a', { title: 'A' })
    expect(await names(container)).toEqual(['a'])
    expect(seen).toEqual(['added notes', 'labels public'])
    expect(container.streams()).toHaveLength(2)
  })

  it('makes links that say no more than they should', async () => {
    const { container } = await newContainer()
    await container.open('a', notes)
    const whole = await openLink(await container.share(undefined))
    const one = await openLink(await container.share('a'))
    expect(whole.kind).toBe('container')
    expect(one.kind).toBe('stream')
    expect(b4a.equals(whole.streamKey, one.streamKey)).toBe(false)
    const blind = openBlindLink(await container.share(undefined, { access: 'blind' }))
    expect(Object.keys(blind)).toEqual(['kind', 'key', 'otherKey'])
    expect(b4a.equals(blind.otherKey, whole.streamKey)).toBe(false)
    await expect(container.share('a', { access: 'blind', password: 'p' })).rejects.toBeInstanceOf(
      TypeError,
    )
    await expect(container.share('b')).rejects.toEqual(code('STREAM_NOT_FOUND'))
  })

  it('refuses other people’s things with a code', async () => {
    const { container, store } = await newContainer()
    const whole = await openLink(await container.share(undefined))
    const reach = async () => undefined
    await expect(container.attach(whole, 'x', reach)).rejects.toBeInstanceOf(TypeError)
    await expect(claimOrigin(store, whole, undefined)).rejects.toEqual(code('FOLDER_IN_USE'))
  })

  it('that is a clone which has heard of nobody has nothing, and says so', async () => {
    const { container: author } = await newContainer()
    await using store = await openStore(await newFolder())
    await claimOrigin(store, await openLink(await author.share(undefined)), undefined)
    await using clone = await Container.open(store)
    expect(clone.writable).toBe(false)
    expect(await names(clone)).toEqual([])
    await expect(clone.open('diary', notes)).rejects.toEqual(code('STREAM_NOT_FOUND'))
    await expect(clone.share('diary')).rejects.toEqual(code('CONTAINER_NOT_READY'))
    await expect(clone.share(undefined, { access: 'blind' })).rejects.toEqual(
      code('CONTAINER_NOT_READY'),
    )
    await expect(clone.update({ timeoutMs: 50 })).rejects.toEqual(code('WAIT_TIMEOUT'))
  })

  it('refuses everything after close', async () => {
    const { container } = await newContainer()
    await container.close()
    await container.close()
    await expect(container.open('a', notes)).rejects.toEqual(code('CONTAINER_CLOSED'))
    await expect(container.describe('a', {})).rejects.toEqual(code('CONTAINER_CLOSED'))
    await expect(container.share(undefined)).rejects.toEqual(code('CONTAINER_CLOSED'))
    await expect(container.update()).rejects.toEqual(code('CONTAINER_CLOSED'))
    await expect(names(container)).rejects.toEqual(code('CONTAINER_CLOSED'))
  })
})
