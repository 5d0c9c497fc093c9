import { temporaryFolder } from '@datagram/fault-harness'
import { onTestFinished } from 'vitest'
import { type DatagramFs, openFs } from '../src/index.ts'

/** A new file system for one test. */
export async function temporaryFs(): Promise<DatagramFs> {
  const folder = await temporaryFolder()
  const fs = await openFs(folder.path)
  onTestFinished(async () => {
    await fs[Symbol.asyncDispose]()
    await folder[Symbol.asyncDispose]()
  })
  return fs
}
