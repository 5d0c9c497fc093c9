import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { runCommand } from './child-process.mjs'
import { listManifests, ROOT } from './workspace.mjs'

// The same tree on every machine: these are pnpm's defaults, said aloud because a user's own
// configuration may say otherwise; and it may ask nothing.
const INSTALL_OPTIONS = [
  '--frozen-lockfile',
  '--prod=false',
  '--config.lockfile=true',
  '--config.optional=true',
  '--config.node-linker=isolated',
  '--config.shamefully-hoist=false',
  '--config.confirm-modules-purge=false',
]

const MARKER = path.join(ROOT, 'node_modules', '.datagram-installed')

/**
 * Brings a fresh clone to where its tools run: the dependencies of the lockfile, installed by the pnpm
 * of `packageManager`, which `npm exec` fetches without a global install. Does nothing when they are there.
 *
 * @throws {Error} when Node is too old or the installation fails
 */
export async function bootstrap() {
  const manifest = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'))
  requireNode(manifest.engines.node)
  const wanted = describeInstallation()
  if (isInstalled(wanted)) {
    console.log('dependencies: up to date')
    return
  }
  console.log(`dependencies: installing with ${manifest.packageManager}, into this folder only`)
  const reporter = process.stdout.isTTY ? [] : ['--reporter=append-only']
  // From outside the repository: inside it npm would take the pnpm of node_modules, which may have to
  // replace node_modules, and itself with it.
  const code = await runCommand(
    'npm',
    [
      'exec',
      '--yes',
      `--package=${manifest.packageManager}`,
      '--',
      'pnpm',
      `--dir=${ROOT}`,
      'install',
      ...INSTALL_OPTIONS,
      ...reporter,
    ],
    { cwd: os.tmpdir() },
  )
  if (code !== 0) {
    throw new Error(
      'the dependencies were not installed; the reason stands above (no way to the npm registry? a package.json changed without "npx pnpm install"?)',
    )
  }
  fs.writeFileSync(MARKER, wanted)
}

/** @param {string} range `>=major.minor` */
function requireNode(range) {
  const [major, minor] = range.replace('>=', '').split('.').map(Number)
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number)
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return
  throw new Error(
    `this needs Node ${range}, and this is Node ${process.versions.node}: install a newer one`,
  )
}

/** One line that changes with anything that decides what is installed. */
function describeInstallation() {
  const hash = createHash('sha256')
  for (const name of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc']) {
    hash.update(fs.readFileSync(path.join(ROOT, name)))
  }
  for (const { file } of listManifests())
    hash.update(file).update(fs.readFileSync(path.join(ROOT, file)))
  return `${hash.digest('hex')} ${process.platform} ${process.arch}\n`
}

function isInstalled(wanted) {
  if (!fs.existsSync(MARKER) || fs.readFileSync(MARKER, 'utf8') !== wanted) return false
  return listManifests().every(({ file, manifest }) => {
    const needs = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })
    const modules = path.join(ROOT, path.dirname(file), 'node_modules')
    return needs.every((name) => fs.existsSync(path.join(modules, name)))
  })
}
