// `pnpm bench …`: builds what the benchmark stands on, as far as it changed, and runs it. Only the
// benchmark writes to stdout, so that `--json` can be piped.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { TURBO_OPTIONS } from '../scripts/checks.mjs'
import { toolEnvironment } from '../scripts/child-process.mjs'

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')

function run(command, args, options) {
  return new Promise((resolve, reject) => {
    const shell = process.platform === 'win32' && command !== process.execPath
    const child = spawn(command, args, { shell, ...options })
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}

async function start(args) {
  const build = ['run', 'build', '--filter=./bench...', ...TURBO_OPTIONS]
  const stdio = ['ignore', process.stderr, process.stderr]
  const code = await run('turbo', build, { cwd: ROOT, env: toolEnvironment(), stdio })
  if (code !== 0) throw new Error('the build failed (the reason stands above)')
  const main = path.join(ROOT, 'bench', 'dist', 'main.js')
  return run(process.execPath, [main, ...args], {
    cwd: process.env.INIT_CWD ?? process.cwd(),
    stdio: 'inherit',
  })
}

process.exitCode = await start(process.argv.slice(2)).catch((error) => {
  console.error(error.message)
  return 1
})
