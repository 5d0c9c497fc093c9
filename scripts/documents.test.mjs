import { execFile } from 'node:child_process'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DocumentError, readInstalledPackages, readPrograms } from './document-blocks.mjs'
import { runProgram } from './document-program.mjs'
import { findTypeFaults } from './document-types.mjs'
import { TALLY_VARIABLE } from './tally.mjs'
import { ROOT } from './workspace.mjs'

const document = (...lines) => `${lines.join('\n')}\n`
const block = (language, ...lines) => ['```' + language, ...lines, '```']

describe('readPrograms', () => {
  it('takes every ts and js block, and nothing else', () => {
    const text = document('# A', ...block('ts', 'a()'), ...block('sh', 'ls'), ...block('js', 'b()'))
    expect(readPrograms(text)).toEqual({
      programs: [
        { line: 2, code: '\n\na()\n', isTyped: true, output: undefined },
        { line: 8, code: '\n\n\n\n\n\n\n\nb()\n', isTyped: false, output: undefined },
      ],
      excused: 0,
    })
  })

  it('excuses a block that says why, and only that one', () => {
    const text = document(
      '<!-- no-run: needs two machines -->',
      '',
      ...block('ts', 'a()'),
      ...block('ts', 'b()'),
    )
    const { programs, excused } = readPrograms(text)
    expect(excused).toBe(1)
    expect(programs.map(({ line }) => line)).toEqual([6])
  })

  it('joins a block with the one that it continues, each line at its place', () => {
    const text = document(
      ...block('ts', 'const a = 1'),
      'then',
      '<!-- continues -->',
      ...block('ts', 'a'),
    )
    expect(readPrograms(text).programs).toEqual([
      { line: 1, code: '\nconst a = 1\n\n\n\n\na\n', isTyped: true, output: undefined },
    ])
  })

  it('takes the output of the program before it', () => {
    const text = document(...block('ts', 'a()'), '<!-- output -->', ...block('text', 'one', 'two'))
    expect(readPrograms(text).programs[0].output).toBe('one\ntwo\n')
  })

  it('reads blocks that are indented, or fenced by more than three marks', () => {
    const text = document(
      '1. first',
      '   ```ts',
      '   a()',
      '     b()',
      '   ```',
      '````md',
      '```ts',
      'c()',
      '```',
      '````',
    )
    expect(readPrograms(text).programs).toEqual([
      { line: 2, code: '\n\na()\n  b()\n', isTyped: true, output: undefined },
    ])
  })

  it.each([
    ['an excuse without a reason', document('<!-- no-run -->', ...block('ts', 'a()')), 2],
    [
      'a comment before no block',
      document('<!-- no-run: x -->', 'words', ...block('ts', 'a()')),
      1,
    ],
    ['a comment at the end', document('words', '<!-- output -->'), 2],
    [
      'an excuse for what does not run anyway',
      document('<!-- no-run: x -->', ...block('sh', 'ls')),
      2,
    ],
    ['an output of nothing', document('<!-- output -->', ...block('text', 'one')), 2],
    ['a continuation of nothing', document('<!-- continues -->', ...block('ts', 'a()')), 2],
    ['a block that is never closed', document('```ts', 'a()'), 1],
  ])('refuses %s', (_what, text, line) => {
    expect(() => readPrograms(text)).toThrow(expect.objectContaining({ line }))
    expect(() => readPrograms(text)).toThrow(DocumentError)
  })
})

describe('readInstalledPackages', () => {
  it('finds the names in npm install lines', () => {
    const text = document(
      '```sh',
      '$ npm install @datagram/indexer redis@5 --save-dev',
      'npm i a.b',
      '```',
      'npm start',
    )
    expect(readInstalledPackages(text)).toEqual(['@datagram/indexer', 'redis', 'a.b'])
  })
})

describe('runProgram', () => {
  let folder
  let packages

  beforeAll(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'greeter-'))
    await fs.writeFile(
      path.join(folder, 'package.json'),
      JSON.stringify({ name: '@house/greeter', type: 'module', exports: './greeter.js' }),
    )
    await fs.writeFile(
      path.join(folder, 'greeter.js'),
      `export const greet = (name) => 'hello ' + name\n`,
    )
    packages = new Map([['@house/greeter', folder]])
  })

  afterAll(() => fs.rm(folder, { recursive: true }))

  const run = (code, { output, timeoutMs } = {}) =>
    runProgram({ line: 1, code, isTyped: true, output }, { file: 'README.md', packages, timeoutMs })
  const greeting = `import { greet } from '@house/greeter'\nconst name: string = 'you'\nconsole.log(greet(name))\n`

  it('runs typed code that imports a package, in an empty folder', async () => {
    expect(await run(greeting)).toBeUndefined()
    expect(await run(greeting, { output: 'hello you\n' })).toBeUndefined()
    const listing = `import fs from 'node:fs'\nconsole.log(fs.readdirSync('.').length)\n`
    expect(await run(listing, { output: '0\n' })).toBeUndefined()
  })

  it('runs `await using`', async () => {
    const code = `{ await using a = { async [Symbol.asyncDispose]() { console.log('closed') } } }\n`
    expect(await run(code, { output: 'closed\n' })).toBeUndefined()
  })

  it('takes … in an output for anything within a line', async () => {
    expect(
      await run(`console.log('port 4711 (open)')\n`, { output: 'port … (open)\n' }),
    ).toBeUndefined()
    expect(await run(`console.log('port 1\\n(open)')\n`, { output: 'port … (open)\n' })).toMatch(
      /something else/,
    )
  })

  it.each([
    ['another output', greeting, { output: 'hello me\n' }, /something else.*hello me.*hello you/s],
    ['more output', greeting, { output: '\n' }, /something else/],
    [
      'an error',
      `\n\nconst n: number = 1\nthrow new Error('no ' + n)\n`,
      {},
      /exit code 1.*README\.md:4.*no 1/s,
    ],
    ['a rejection', `await Promise.reject(new Error('late'))\n`, {}, /exit code 1.*late/s],
    ['an exit code', `process.exit(3)\n`, {}, /exit code 3/],
    ['a package that it was not given', `import 'vitest'\n`, {}, /Cannot find package 'vitest'/],
    [
      'a name that is not exported, even unused',
      `import { gone } from '@house/greeter'\n`,
      {},
      /gone/,
    ],
    ['a syntax error', `const = 1\n`, {}, /README\.md:1:6/],
    [
      'a program that hangs',
      `setInterval(() => {}, 1000)\n`,
      { timeoutMs: 500 },
      /still runs after 500 ms/,
    ],
    [
      'a program that never stops printing',
      `setInterval(() => console.log('x'.repeat(99_999)), 1)\n`,
      {},
      /prints more than/,
    ],
    ['a wait that nothing ends', `await new Promise(() => {})\n`, {}, /exit code 13/],
  ])('reports %s', async (_what, code, options, message) => {
    expect(await run(code, options)).toMatch(message)
  })
})

const job = (line, isTyped, code) => ({
  file: 'packages/errors/README.md',
  program: { line, isTyped, code, output: undefined },
})

describe('findTypeFaults', () => {
  it('accepts what compiles, and leaves JavaScript alone', () => {
    const code = `import { isDatagramError } from '@datagram/errors'\nconst is: boolean = isDatagramError(await 1)\n`
    expect(findTypeFaults([job(1, true, code), job(9, false, 'const a = 1; a.b.c()\n')])).toEqual(
      [],
    )
  })

  it('reports the place of what does not', () => {
    const wrong = `\n\nimport { DatagramError, gone } from '@datagram/errors'\nconst n: number = 'one'\n`
    expect(findTypeFaults([job(2, true, wrong)])).toEqual([
      expect.stringMatching(/^packages\/errors\/README\.md:3: .*gone/),
      expect.stringMatching(/^packages\/errors\/README\.md:4: Type 'string' is not assignable/),
    ])
  })
})

describe('check-readmes', () => {
  let folder
  let file

  beforeEach(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'readme-'))
    file = path.join(folder, 'README.md')
  })

  afterEach(() => fs.rm(folder, { recursive: true }))

  /** Runs the script on a document of these lines. */
  async function check(...lines) {
    await fs.writeFile(file, document(...lines))
    const script = path.join(ROOT, 'scripts', 'check-readmes.mjs')
    // Its faults are wanted, and are not counted among those of the run that this test belongs to.
    const env = { ...process.env, [TALLY_VARIABLE]: '' }
    return promisify(execFile)(process.execPath, [script, file], { env }).then(
      ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
      ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
    )
  }

  it('ends well when every example runs', async () => {
    const good = [
      ...block('ts', `console.log('hello')`),
      '<!-- output -->',
      ...block('text', 'hello'),
    ]
    expect(await check(...good, '<!-- no-run: a try -->', ...block('ts', 'lost()'))).toEqual({
      code: 0,
      stdout: '1 documents: 1 of 1 examples ran, 0 faults, 1 excused from running\n',
      stderr: '',
    })
  })

  it('names the place of each fault, and fails', async () => {
    const { code, stderr, stdout } = await check(
      ...block('js', `throw new Error('broken')`),
      ...block('ts', `const n: number = 'one'`),
      ...block('js', `console.log('hello')`),
      '<!-- output -->',
      ...block('text', 'bye'),
    )
    expect(code).toBe(1)
    expect(stderr).toContain(`${file}:1: it ends with exit code 1`)
    expect(stderr).toContain(`${file}:5: Type 'string' is not assignable to type 'number'.`)
    expect(stderr).toContain(`${file}:7: it prints something else than the document says`)
    expect(stdout).toContain('1 of 3 examples ran, 3 faults')
  })

  it('names the place of a comment that makes no sense', async () => {
    const { code, stderr } = await check('# A', '<!-- no-run -->', ...block('ts', 'a()'))
    expect(code).toBe(1)
    expect(stderr).toContain(`${file}:3: say why`)
  })
})
