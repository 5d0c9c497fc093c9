// Lets a child process import TypeScript sources as they are. Node 20 cannot, and a test must not
// depend on a build. Plain JavaScript, since it runs before anything can strip types.
//
//   node --conditions=datagram:source --import <this file> script.ts
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire, register } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'

// Module hooks run in a thread of their own, which loads this same file.
if (isMainThread) register(import.meta.url)

// A child that is killed every few milliseconds should not transform the same sources each time.
const cache = join(tmpdir(), 'datagram-stripped-types')
const require = createRequire(import.meta.url)
let esbuild

/** Node's load hook (https://nodejs.org/api/module.html#loadurl-context-nextload). */
export async function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context)
  const path = fileURLToPath(url)
  const source = readFileSync(path)
  const name = createHash('sha256').update(path).update('\0').update(source).digest('hex')
  const stripped = join(cache, `${name}.mjs`)
  return {
    format: 'module',
    shortCircuit: true,
    source: read(stripped) ?? (await strip(path, source, stripped)),
  }
}

function read(file) {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}

async function strip(path, source, stripped) {
  // Only when something has to be stripped: it starts a process of its own.
  esbuild ??= require('esbuild')
  const { code } = await esbuild.transform(source, {
    loader: 'ts',
    format: 'esm',
    target: 'node20',
    sourcefile: path,
    sourcemap: 'inline',
  })
  mkdirSync(cache, { recursive: true })
  // Written aside and renamed: this process may be killed at any moment.
  const part = `${stripped}.${process.pid}`
  writeFileSync(part, code)
  renameSync(part, stripped)
  return code
}
