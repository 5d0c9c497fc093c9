import { temporaryFolder } from '@datagram/fault-harness'
import { onTestFinished } from 'vitest'
import { type Objects, objectsInterface, openObjects } from '../src/index.ts'
import { defineInterface, type InterfaceStream, openStandalone } from '@datagram/stream'

/** A folder that is removed when the test ends. */
export async function testFolder(): Promise<string> {
  const folder = await temporaryFolder('datagram-objects-')
  onTestFinished(() => folder[Symbol.asyncDispose]())
  return folder.path
}

/** A new store for one test. */
export async function temporaryObjects(): Promise<Objects> {
  const objects = await openObjects(await testFolder())
  onTestFinished(() => objects.close())
  return objects
}

/** The entries under a store of objects, by an interface that passes for it: to damage and to count them. */
export const underneath = defineInterface({
  name: 'objects',
  contract: 1,
  version: 1,
  open: (stream: InterfaceStream) => ({ stream }),
})

/** What `use` does to the entries of the store in a folder, which is closed. */
export async function withEntries<T>(
  folder: string,
  use: (stream: InterfaceStream) => Promise<T>,
): Promise<T> {
  await using opened = await openStandalone(folder, underneath, { name: objectsInterface.name })
  return await use(opened.stream)
}

export async function listed<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

export const code = (expected: string) => ({ code: expected })
