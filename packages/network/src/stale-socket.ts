import fs from 'node:fs/promises'
import net from 'node:net'
import { codeOf } from './system-errors.ts'

/**
 * Removes the socket file that a killed process has left, so that its path can be listened at again.
 * True when there was one: a socket, and nobody listens to it. Anything else is left alone.
 */
export async function removeStaleSocket(path: string): Promise<boolean> {
  const stat = await fs.lstat(path).catch(() => undefined)
  if (stat === undefined || !stat.isSocket()) return false
  if (!(await isRefused(path))) return false
  // Another process may have been quicker to remove it: then it is gone as well.
  await fs.rm(path, { force: true })
  return true
}

function isRefused(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', (error) => resolve(codeOf(error) === 'ECONNREFUSED'))
  })
}
