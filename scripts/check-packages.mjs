// Every published package as it would be published: what is in it, publint, and attw (whether its types
// resolve for those who import it).
import { execFile } from 'node:child_process'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { toolEnvironment } from './child-process.mjs'
import { recordTally } from './tally.mjs'
import { packAll } from './tarballs.mjs'

const execute = promisify(execFile)
const NEEDED = ['README.md', 'dist/index.js', 'dist/index.d.ts']
// Names of this workspace that mean nothing to those who install the package.
const INTERNAL = ['workspace:', 'datagram:source']

/** @param {import('./tarballs.mjs').Tarball} tarball */
async function findFaults({ file, contents }) {
  const faults = NEEDED.filter((name) => !contents.includes(name)).map(
    (name) => `${name} is missing`,
  )
  const bytes = await fs.readFile(file)
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true })
  for (const message of messages) faults.push(`publint: ${formatMessage(message, pkg)}`)
  const manifest = JSON.stringify(pkg)
  for (const word of INTERNAL) {
    if (manifest.includes(word)) faults.push(`"${word}" is left in its package.json`)
  }
  const attw = await execute('attw', [file, '--profile', 'esm-only', '--no-color'], {
    env: toolEnvironment(),
  }).catch((failure) => failure)
  if (attw.code) faults.push(`attw:\n${attw.stdout}${attw.stderr}`)
  return faults
}

const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'tarballs-'))
try {
  const tarballs = await packAll(folder)
  let failed = 0
  for (const tarball of tarballs) {
    const faults = await findFaults(tarball)
    if (faults.length > 0) failed++
    for (const fault of faults) console.error(`${tarball.name}: ${fault}`)
  }
  console.log(`${tarballs.length} packages looked at, ${failed} with faults`)
  recordTally('packages', { passed: tarballs.length - failed, failed })
  if (failed > 0) process.exitCode = 1
} finally {
  await fs.rm(folder, { recursive: true })
}
