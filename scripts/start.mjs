// `npm start [-- FOLDER]`: on a fresh clone as on an old one, installs what is missing, builds what the
// main job stands on, and runs it.
import fs from 'node:fs'
import path from 'node:path'
import { bootstrap } from './bootstrap.mjs'
import { TURBO_OPTIONS } from './checks.mjs'
import { runCommand, toolEnvironment } from './child-process.mjs'
import { ROOT } from './workspace.mjs'

const JOB = 'examples/main-job'

async function start(args) {
  await bootstrap()
  console.log(`build: what ${JOB} stands on, as far as it changed`)
  const build = ['run', 'build', `--filter=./${JOB}...`, ...TURBO_OPTIONS]
  const environment = { ...toolEnvironment(), DATAGRAM_BUILD_TYPES: 'no' }
  if ((await runCommand('turbo', build, { environment })) !== 0) {
    throw new Error('the build failed (the reason stands above)')
  }
  const { main } = JSON.parse(fs.readFileSync(path.join(ROOT, JOB, 'package.json'), 'utf8'))
  // The job is the user's own program: it gets the terminal, their environment, and the folder that
  // they typed the command in, so that a relative path means what they think it means.
  return runCommand(process.execPath, [path.join(ROOT, JOB, main), ...args], {
    cwd: process.env.INIT_CWD ?? process.cwd(),
    environment: process.env,
    stdin: 'inherit',
  })
}

process.exitCode = await start(process.argv.slice(2)).catch((error) => {
  console.error(error.message)
  return 1
})
