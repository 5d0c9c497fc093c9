// Every test of the workspace in one vitest run, counted for the closing line.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { runCommandWithin } from './child-process.mjs'
import { recordTally } from './tally.mjs'

// Vitest ends a test that waits too long, but not one that keeps its process busy. All tests together
// take ten minutes on two cores, and more than fifteen on slow ones; longer is a hang.
const TESTS_TIMEOUT_MS = 25 * 60_000

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vitest-'))
const report = path.join(folder, 'report.json')
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
const args = ['run', ...reporters, ...process.argv.slice(2)]
const code = await runCommandWithin('vitest', args, TESTS_TIMEOUT_MS)
if (code === undefined) {
  console.error(
    `the tests still ran after ${TESTS_TIMEOUT_MS / 60_000} minutes and were ended: a test of a file without a line above never lets go`,
  )
}
if (fs.existsSync(report)) {
  const { numPassedTests, numFailedTests } = JSON.parse(fs.readFileSync(report, 'utf8'))
  recordTally('tests', { passed: numPassedTests, failed: numFailedTests })
}
fs.rmSync(folder, { recursive: true })
process.exitCode = code ?? 1
