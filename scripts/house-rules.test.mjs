import { execFile } from 'node:child_process'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from './workspace.mjs'

const run = promisify(execFile)

// Each file breaks one rule of .dependency-cruiser.cjs; they stand in one little house and are judged in one run.
const broken = [
  [
    'a package imports from an upper floor',
    'log-core/src/up.ts',
    `import '@datagram/indexer'`,
    'floor-1',
  ],
  [
    'a package imports its neighbour',
    'kv-interface/src/n.ts',
    `import '@datagram/container'`,
    'floor-4',
  ],
  [
    'the basement imports anything',
    'errors/src/any.ts',
    `import '@datagram/descriptors'`,
    'floor-0',
  ],
  [
    'a test imports from an upper floor',
    'log-core/test/up.test.ts',
    `import '@datagram/indexer'`,
    'floor-1',
  ],
  [
    'product code imports the harness',
    'indexer/src/harness.ts',
    `import '@datagram/fault-harness'`,
    'test-rooms-in-tests-only',
  ],
  [
    'the harness imports the house',
    'fault-harness/src/house.ts',
    `import '@datagram/errors'`,
    'fault-harness-stands-alone',
  ],
  [
    'two files import one another',
    'errors/src/a.ts',
    `import type { B } from './b.ts'\nexport type A = B[]`,
    'no-circles',
  ],
  [
    'a file imports its own index',
    'errors/src/own.ts',
    `import './index.ts'`,
    'not-through-the-own-index',
  ],
  [
    'a file imports its own package',
    'errors/src/name.ts',
    `import '@datagram/errors'`,
    'not-through-the-own-index',
  ],
  [
    'a file enters another package by path',
    'indexer/src/path.ts',
    `import '../../errors/src/index.ts'`,
    'only-the-door',
  ],
  [
    'product code imports from tests',
    'indexer/src/fixture.ts',
    `import '../../log-core/test/fixture.ts'`,
    'no-tests-in-product',
  ],
  [
    'a test enters another package by path',
    'indexer/test/path.test.ts',
    `import '../../errors/src/index.ts'`,
    'only-the-door',
  ],
  [
    'a transport is imported elsewhere',
    'container/src/net.ts',
    `import 'node:net'`,
    'transports-behind-network',
  ],
  [
    'a transport package is imported elsewhere',
    'container/src/ws.ts',
    `import 'ws'`,
    'transports-behind-network',
  ],
  [
    'hypercore is imported elsewhere',
    'log-core/src/core.ts',
    `import 'hypercore'`,
    'hypercore-behind-log-core',
  ],
  ['an import leads nowhere', 'errors/src/lost.ts', `import './gone.ts'`, 'resolvable'],
  ['a package is not declared', 'errors/src/undeclared.ts', `import 'left-out'`, 'declared'],
  [
    'a package stands on no floor',
    'attic/src/index.ts',
    `import '@datagram/errors'`,
    'every-package-has-a-floor',
  ],
]

// The other half of the circle: it is reported once, at the file that comes first.
const circle = ['errors/src/b.ts', `import type { A } from './a.ts'\nexport type B = A[]`]

const sound = {
  'log-core/src/log.ts': `import { name } from '@datagram/errors'\nexport const log = name`,
  'log-core/src/door.ts': `export { log } from './log.ts'`,
  'log-core/test/log.test.ts': `import net from 'node:net'\nimport '@datagram/fault-harness'\nimport { name } from '../src/index.ts'\nexport const used = [name, net]`,
  'log-core/test/fixture.ts': `export const fixture = 1`,
  'indexer/test/log.test.ts': `import '../../log-core/test/fixture.ts'`,
  'network/src/tcp.ts': `import net from 'node:net'\nexport const tcp = net`,
}

const rooms = [
  'errors',
  'log-core',
  'descriptors',
  'indexer',
  'kv-interface',
  'container',
  'network',
  'fault-harness',
  'attic',
]

async function write(house, name, text) {
  const file = path.join(house, 'packages', name)
  await fs.mkdir(path.dirname(file), { recursive: true })
  await fs.writeFile(file, `${text}\n`)
}

/** Builds a little house in `house`: every room with a manifest and an index, known to all by name. */
async function build(house) {
  await fs.copyFile(path.join(ROOT, 'tsconfig.base.json'), path.join(house, 'tsconfig.base.json'))
  await fs.mkdir(path.join(house, 'node_modules/@datagram'), { recursive: true })
  for (const name of rooms) {
    const exports = { '.': { 'datagram:source': './src/index.ts' } }
    await write(
      house,
      `${name}/package.json`,
      JSON.stringify({ name: `@datagram/${name}`, exports }),
    )
    await write(house, `${name}/src/index.ts`, `export const name = '${name}'`)
    const link = path.join(house, 'node_modules/@datagram', name)
    await fs.symlink(path.join(house, 'packages', name), link)
  }
  for (const [file, text] of Object.entries(sound)) await write(house, file, text)
  for (const [, file, text] of broken) await write(house, file, text)
  await write(house, ...circle)
}

/** The broken rules of each file of the house, as `packages/…` → names of rules. */
async function judge(house) {
  const cruiser = path.join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  const config = path.join(ROOT, '.dependency-cruiser.cjs')
  const options = ['--config', config, '--output-type', 'json', 'packages']
  const { stdout } = await run(process.execPath, [cruiser, ...options], {
    cwd: house,
    maxBuffer: 2 ** 26,
  })
  const rules = new Map()
  for (const { from, rule } of JSON.parse(stdout).summary.violations) {
    rules.set(from, [...(rules.get(from) ?? []), rule.name])
  }
  return rules
}

describe('the rules of the house', () => {
  let house
  let rules

  beforeAll(async () => {
    house = await fs.mkdtemp(path.join(os.tmpdir(), 'house-'))
    await build(house)
    rules = await judge(house)
  })

  afterAll(() => fs.rm(house, { recursive: true, force: true }))

  it.each(broken)('stop it when %s (%s)', (_case, file, _text, rule) => {
    expect(rules.get(`packages/${file}`) ?? []).toContain(rule)
  })

  it.each(Object.keys(sound))('let %s be', (file) => {
    expect(rules.get(`packages/${file}`)).toBeUndefined()
  })
})
