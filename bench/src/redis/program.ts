import { spawn } from 'node:child_process'

/** How Redis' programs are had where they are missing. */
const INSTALL = 'sudo apt-get install redis'

/** Runs one of Redis' own programs to its end and gives what it printed. Rejects when it is not installed. */
export function runProgram(name: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(name, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let printed = ''
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
    })
    child.on('error', (error: NodeJS.ErrnoException) => {
      const isMissing = error.code === 'ENOENT'
      reject(isMissing ? new Error(`${name} is not installed; install it: ${INSTALL}`) : error)
    })
    child.on('close', (code) => {
      if (code === 0) resolve(printed)
      else reject(new Error(`${name} ended with ${code}: ${printed}`))
    })
  })
}
