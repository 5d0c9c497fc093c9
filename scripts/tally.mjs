import fs from 'node:fs'

/**
 * How many things were checked, and how many of them failed.
 *
 * @typedef {object} Tally
 * @property {number} passed
 * @property {number} failed
 */

// The file that a run of several processes counts in, one line of JSON for each part of it.
export const TALLY_VARIABLE = 'DATAGRAM_TALLY'

/**
 * Adds a part's counts to the run that this process belongs to; nothing when it belongs to none.
 *
 * @param {string} part
 * @param {Tally} tally
 */
export function recordTally(part, { passed, failed }) {
  const file = process.env[TALLY_VARIABLE]
  if (file) fs.appendFileSync(file, `${JSON.stringify({ part, passed, failed })}\n`)
}

/**
 * The counts of one part, or of all parts together.
 *
 * @param {string} file
 * @param {string} [part]
 * @returns {Tally}
 */
export function readTally(file, part) {
  const sum = { passed: 0, failed: 0 }
  if (!fs.existsSync(file)) return sum
  for (const line of fs.readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const counted = JSON.parse(line)
    if (part !== undefined && counted.part !== part) continue
    sum.passed += counted.passed
    sum.failed += counted.failed
  }
  return sum
}
