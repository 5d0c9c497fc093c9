import { spawn } from 'node:child_process'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { transform } from 'esbuild'

/** Longest time that an example may take; a person who tries it would have given up before. */
export const PROGRAM_TIMEOUT_MS = 60_000
// More than any example prints; a loop that prints for ever ends here rather than in our memory.
const OUTPUT_BYTES_MAX = 1_000_000

/**
 * Runs one program of a document in an empty folder, as a reader would.
 *
 * @param {import('./document-blocks.mjs').Program} program
 * @param {object} options
 * @param {string} options.file the document's name, for the stack traces
 * @param {ReadonlyMap<string, string>} options.packages what it can import: name → folder
 * @param {number | undefined} [options.timeoutMs]
 * @returns {Promise<string | undefined>} what went wrong; `undefined` when nothing did
 */
export async function runProgram(program, { file, packages, timeoutMs = PROGRAM_TIMEOUT_MS }) {
  const home = await fs.mkdtemp(path.join(os.tmpdir(), 'example-'))
  try {
    const main = path.join(home, 'example.mjs')
    await fs.writeFile(main, await compile(program.code, path.join(home, path.basename(file))))
    await linkPackages(home, packages)
    const folder = path.join(home, 'empty')
    await fs.mkdir(folder)
    const result = await execute(main, folder, timeoutMs)
    return judge(result, program.output, timeoutMs)
  } catch (error) {
    return error.message
  } finally {
    await fs.rm(home, { recursive: true, force: true })
  }
}

/** Strips the types; the map gives each line the number that it has in the document. */
async function compile(code, sourcefile) {
  const { code: compiled } = await transform(code, {
    loader: 'ts',
    format: 'esm',
    target: 'node20',
    sourcefile,
    sourcemap: 'inline',
    // Imports that are written but not used run too: a name that is not exported must fail.
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  })
  return compiled
}

async function linkPackages(home, packages) {
  for (const [name, folder] of packages) {
    const link = path.join(home, 'node_modules', name)
    await fs.mkdir(path.dirname(link), { recursive: true })
    await fs.symlink(folder, link, 'junction')
  }
}

function execute(main, cwd, timeoutMs) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--enable-source-maps', main], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let all = ''
    let ended
    const stop = (why) => {
      ended ??= why
      child.kill('SIGKILL')
    }
    const collect = (chunk, isOutput) => {
      if (isOutput) stdout += chunk
      all += chunk
      if (all.length > OUTPUT_BYTES_MAX) stop('output')
    }
    const timer = setTimeout(() => stop('time'), timeoutMs)
    child.stdout.setEncoding('utf8').on('data', (chunk) => collect(chunk, true))
    child.stderr.setEncoding('utf8').on('data', (chunk) => collect(chunk, false))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, ended, stdout, all })
    })
  })
}

function judge({ code, signal, ended, stdout, all }, expected, timeoutMs) {
  if (ended === 'time')
    return `it still runs after ${timeoutMs} ms (is something not closed?)\n${all}`
  if (ended === 'output') return `it prints more than ${OUTPUT_BYTES_MAX} bytes`
  if (code !== 0) return `it ends with ${signal ?? `exit code ${code}`}\n${all}`
  if (expected === undefined || matches(stdout, expected)) return undefined
  return `it prints something else than the document says\n--- the document\n${expected}--- the program\n${stdout}`
}

function matches(printed, expected) {
  const escaped = expected
    .trimEnd()
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('…', '.*')
  return new RegExp(`^${escaped}$`).test(printed.trimEnd())
}
