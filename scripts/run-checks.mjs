import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { bootstrap } from './bootstrap.mjs'
import { CHECKS } from './checks.mjs'
import { runCommand } from './child-process.mjs'
import { readTally, recordTally, TALLY_VARIABLE } from './tally.mjs'

/**
 * Installs what is missing, runs the checks in turn, all of them even when one fails, and closes with
 * how many things passed and failed. Sets the exit code.
 *
 * @param {readonly string[]} names keys of {@link CHECKS}
 */
export async function runChecks(names) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tally-'))
  const tally = (process.env[TALLY_VARIABLE] ||= path.join(folder, 'tally'))
  try {
    await bootstrap()
    const failed = []
    for (const name of names) {
      if (!(await runCheck(name, failed, tally))) failed.push(name)
    }
    if (failed.length > 0) {
      console.error(`\nfailed: ${failed.map((name) => CHECKS[name].title).join('; ')}`)
      process.exitCode = 1
    }
  } catch (error) {
    console.error(error.message)
    recordTally('set-up', { passed: 0, failed: 1 })
    process.exitCode = 1
  }
  const { passed, failed } = readTally(tally)
  console.log(`\n${passed} passed, ${failed} failed`)
  fs.rmSync(folder, { recursive: true })
}

/** @returns {Promise<boolean>} whether it passed */
async function runCheck(name, failedBefore, tally) {
  const { title, commands, needs } = CHECKS[name]
  console.log(`\n── ${title}`)
  if (needs && failedBefore.includes(needs)) {
    console.error(`FAILED: not run, because this did: ${CHECKS[needs].title}`)
    recordTally(name, { passed: 0, failed: 1 })
    return false
  }
  const startedMs = performance.now()
  const before = readTally(tally, name)
  let code = 0
  for (const [command, ...args] of commands) {
    code ||= await runCommand(command, args)
  }
  const after = readTally(tally, name)
  recordTally(name, uncounted(code, after.passed - before.passed, after.failed - before.failed))
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  console.log(`${code === 0 ? 'passed' : 'FAILED'} in ${seconds} s`)
  return code === 0
}

/** A check that counts for itself (tests, examples) is counted so; any other as one thing. */
function uncounted(code, passed, failed) {
  if (code !== 0) return { passed: 0, failed: failed === 0 ? 1 : 0 }
  return { passed: passed === 0 ? 1 : 0, failed: 0 }
}
