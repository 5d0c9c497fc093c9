import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { fileURLToPath } from 'node:url'

/** Who answers: ours, or redis-server. */
export type ServerName = 'ours' | 'redis-server'

/** A server that listens on a free port, with a new and empty folder. */
export interface Served {
  readonly port: number
  stop(): Promise<void>
}

// Beside the program that this file is built into.
const OUR_SERVER = fileURLToPath(new URL('./redis/our-server.js', import.meta.url))
const START_MS_MAX = 60_000

/** Starts a server in an empty folder. `profileFolder`: where V8's CPU profile of ours is to be left. */
export async function serve(
  name: ServerName,
  folder: string,
  profileFolder?: string | undefined,
): Promise<Served> {
  const port = await freePort()
  const child = name === 'ours' ? startOurs(folder, port, profileFolder) : startRedis(folder, port)
  await listening(child, port)
  return {
    port,
    async stop() {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}

function startOurs(folder: string, port: number, profileFolder: string | undefined): ChildProcess {
  const profile =
    profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`]
  const args = [...profile, OUR_SERVER, folder, String(port)]
  return spawn(process.execPath, args, { stdio: ['ignore', process.stderr, process.stderr] })
}

// In memory alone: no snapshots, no log. That is Redis at its fastest, and promises less than ours does.
function startRedis(folder: string, port: number): ChildProcess {
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '']
  return spawn('redis-server', args, { stdio: ['ignore', 'ignore', process.stderr] })
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  let failure: Error | undefined
  child.once('error', (error) => {
    failure = error
  })
  for (const end = Date.now() + START_MS_MAX; Date.now() < end; ) {
    if (failure !== undefined) throw failure
    if (child.exitCode !== null) throw new Error(`a server ended at once (${child.exitCode})`)
    if (await answers(port)) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  child.kill('SIGKILL')
  throw new Error('a server did not listen in time')
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    const done = (isThere: boolean) => {
      socket.destroy()
      resolve(isThere)
    }
    socket.once('connect', () => done(true)).once('error', () => done(false))
  })
}
