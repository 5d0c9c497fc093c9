// The published packages as a consumer gets them: packed, installed by npm into an empty project outside
// of this repository, imported by a program, and type-checked with the types that came along.
import { execFile } from 'node:child_process'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { toolEnvironment } from './child-process.mjs'
import { packAll } from './tarballs.mjs'
import { ROOT } from './workspace.mjs'

const execute = promisify(execFile)

// Two copies of one of these in one process do not know each other's locks, keys or classes.
const ONE_COPY = ['hypercore', 'hypercore-storage', 'corestore', 'sodium-native', 'rocksdb-native']

const COMPILER_OPTIONS = {
  target: 'ES2022',
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  lib: ['ES2022', 'ESNext.Disposable'],
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  // Our declarations are looked at too; what is wrong in those of others is not ours to report.
  skipLibCheck: false,
}

async function installInto(project, tarballs) {
  await fs.writeFile(
    path.join(project, 'package.json'),
    JSON.stringify({ name: 'consumer', private: true, type: 'module' }),
  )
  const files = tarballs.map(({ file }) => file)
  await execute('npm', ['install', '--no-save', '--omit=peer', '--prefer-offline', ...files], {
    cwd: project,
    env: toolEnvironment(),
    maxBuffer: 2 ** 26,
    shell: process.platform === 'win32',
  })
  // A typical consumer has these too; ours are linked, to fetch nothing twice.
  await fs.mkdir(path.join(project, 'node_modules', '@types'), { recursive: true })
  const types = await fs.realpath(path.join(ROOT, 'node_modules', '@types', 'node'))
  await fs.symlink(types, path.join(project, 'node_modules', '@types', 'node'), 'junction')
}

/** A program that imports every package and says how many names each gave it. */
async function importAll(project, tarballs) {
  const program = tarballs.map(
    ({ name }) =>
      `const names = Object.keys(await import('${name}')).length\n` +
      `if (names === 0) throw new Error('${name} exports nothing')\n` +
      `console.log('${name}: ' + names + ' names')`,
  )
  const file = path.join(project, 'imports.mjs')
  await fs.writeFile(file, program.map((lines) => `{\n${lines}\n}\n`).join(''))
  const { stdout } = await execute(process.execPath, [file], { cwd: project })
  console.log(stdout.trimEnd())
}

async function checkTypes(project, tarballs) {
  const lines = tarballs.map(
    ({ name }, at) => `import * as room${at} from '${name}'\nvoid room${at}\n`,
  )
  await fs.writeFile(path.join(project, 'imports.ts'), lines.join(''))
  const config = { compilerOptions: COMPILER_OPTIONS, files: ['imports.ts'] }
  await fs.writeFile(path.join(project, 'tsconfig.json'), JSON.stringify(config))
  const tsc = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  const { stdout } = await execute(process.execPath, [tsc, '-p', project, '--pretty', 'false'], {
    cwd: project,
  }).catch((failure) => failure)
  const faults = stdout
    .split('\n')
    .filter((line) => /^(imports\.ts|node_modules\/(@datagram\/|datagram\/))/.test(line))
  if (faults.length > 0)
    throw new Error(`the types do not hold outside of this repository:\n${faults.join('\n')}`)
}

async function checkCopies(project) {
  const lock = JSON.parse(
    await fs.readFile(path.join(project, 'node_modules', '.package-lock.json'), 'utf8'),
  )
  const places = Object.keys(lock.packages)
  for (const name of ONE_COPY) {
    const copies = places.filter((place) => place.endsWith(`node_modules/${name}`))
    if (copies.length > 1)
      throw new Error(`${name} is installed ${copies.length} times: ${copies.join(', ')}`)
  }
}

const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'consumer-'))
try {
  const project = path.join(folder, 'project')
  await fs.mkdir(project)
  const tarballs = await packAll(folder)
  await installInto(project, tarballs)
  await checkCopies(project)
  await importAll(project, tarballs)
  await checkTypes(project, tarballs)
  console.log(
    `${tarballs.length} packages installed, imported and type-checked in an empty project`,
  )
} catch (error) {
  console.error([error.message, error.stdout].filter(Boolean).join('\n'))
  process.exitCode = 1
} finally {
  await fs.rm(folder, { recursive: true })
}
