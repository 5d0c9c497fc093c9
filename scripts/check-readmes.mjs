// Type-checks and runs every example of README.md, packages/*/README.md and docs/**/*.md (or of the files
// given), each in an empty folder against the built packages. See document-blocks.mjs for what runs.
import fs from 'node:fs'
import path from 'node:path'
import { DocumentError, readInstalledPackages, readPrograms } from './document-blocks.mjs'
import { runProgram } from './document-program.mjs'
import { findTypeFaults } from './document-types.mjs'
import { recordTally } from './tally.mjs'
import { listPackages, ROOT } from './workspace.mjs'

// The programs mostly wait for their own start; more at once only slows each on a small machine.
const PROGRAMS_AT_ONCE = 2

function listDocuments() {
  const documents = [
    'README.md',
    ...listPackages().map(({ folder }) => `packages/${folder}/README.md`),
  ]
  if (fs.existsSync(path.join(ROOT, 'docs'))) {
    for (const name of fs
      .readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
      .sort()) {
      if (name.endsWith('.md')) documents.push(path.posix.join('docs', name))
    }
  }
  return documents.filter((document) => fs.existsSync(path.join(ROOT, document)))
}

/**
 * What the programs of a document can import: in a package's README that package and what the README
 * tells its reader to install, as under a strict package manager; elsewhere every package.
 */
function importablePackages(document, text) {
  const packages = listPackages()
  const own = packages.find(({ folder }) => document === `packages/${folder}/README.md`)
  const importable = new Map()
  for (const { name, directory, isPublished } of own ? [own] : packages) {
    if (isPublished || own) importable.set(name, directory)
  }
  for (const name of readInstalledPackages(text)) {
    const places = [
      packages.find((candidate) => candidate.name === name)?.directory,
      own && path.join(own.directory, 'node_modules', name),
      path.join(ROOT, 'node_modules', name),
    ]
    const place = places.find((folder) => folder && fs.existsSync(folder))
    if (place) importable.set(name, place)
  }
  return importable
}

/** Reads the documents; each mistake in their comments is a failure of its own. */
function collectPrograms(documents) {
  const jobs = []
  const failures = []
  let excused = 0
  for (const file of documents) {
    const text = fs.readFileSync(path.resolve(ROOT, file), 'utf8')
    try {
      const found = readPrograms(text)
      excused += found.excused
      const packages = importablePackages(file, text)
      for (const program of found.programs) jobs.push({ file, program, packages })
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error
      failures.push(`${file}:${error.line}: ${error.message}`)
    }
  }
  return { jobs, failures, excused }
}

/** Runs the jobs and returns what is wrong with those that fail. */
async function runJobs(jobs) {
  const faults = []
  const queue = [...jobs]
  const work = async () => {
    for (let job = queue.shift(); job; job = queue.shift()) {
      const fault = await runProgram(job.program, job)
      if (fault) faults.push(`${job.file}:${job.program.line}: ${fault.trimEnd()}`)
    }
  }
  await Promise.all(Array.from({ length: PROGRAMS_AT_ONCE }, work))
  return faults
}

const documents = process.argv.length > 2 ? process.argv.slice(2) : listDocuments()
const { jobs, failures, excused } = collectPrograms(documents)
const typeFaults = findTypeFaults(jobs)
const runFaults = await runJobs(jobs)
const faults = [...failures, ...typeFaults, ...runFaults]
for (const fault of faults) console.error(`${fault}\n`)
const passed = jobs.length - runFaults.length
console.log(
  `${documents.length} documents: ${passed} of ${jobs.length} examples ran, ${faults.length} faults, ${excused} excused from running`,
)
recordTally('examples', { passed, failed: faults.length })
if (faults.length > 0) process.exitCode = 1
