// Writes docs/ERRORS.md out of the tables under "## Errors" in the packages' READMEs, so that each code is
// described in one place. `pnpm run errors` runs it; scripts/error-list.test.mjs fails when it was forgotten.
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { listPackages, ROOT } from './workspace.mjs'

export const ERROR_LIST = path.join(ROOT, 'docs', 'ERRORS.md')

const HEAD = `# Errors

Every failure has a stable \`code\` and a message with its cause and its remedy; \`isDatagramError(error, code)\` tells
them apart, across duplicate installs too. A caller's mistake in types is a \`TypeError\`. What a room throws comes through
the rooms above it as it is.

This page is made of the packages' READMEs by \`pnpm run errors\`.
`

/** The lines of a README from "## Errors" to the next heading, without the heading. */
export function errorSection(readme) {
  const [, section] = readme.split(/^## Errors\n/m)
  return section?.split(/^## /m)[0]?.trim()
}

/** The codes that a section's table names. */
export function documentedCodes(section) {
  const rows = (section ?? '').split('\n').filter((line) => line.startsWith('| `'))
  return rows.flatMap((row) =>
    [...row.split('|')[1].matchAll(/`([A-Z_]+)`/g)].map(([, code]) => code),
  )
}

/** The codes in the literal union of a package's `*-errors.ts`. */
export function declaredCodes(directory) {
  const folder = path.join(directory, 'src')
  const files = fs.readdirSync(folder).filter((name) => name.endsWith('-errors.ts'))
  return files.flatMap((name) => {
    const text = fs.readFileSync(path.join(folder, name), 'utf8')
    const union = /export type \w+ErrorCode =([^;]*?)\n\n/s.exec(text)?.[1] ?? ''
    return [...union.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code)
  })
}

/** The page, as it should be. */
export function errorList() {
  const sections = listPackages().flatMap(({ name, directory }) => {
    const readme = path.join(directory, 'README.md')
    const section = fs.existsSync(readme)
      ? errorSection(fs.readFileSync(readme, 'utf8'))
      : undefined
    if (section === undefined) return []
    return [`## ${name}\n\n${section.replaceAll('(../../docs/', '(')}\n`]
  })
  return [HEAD, ...sections].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) fs.writeFileSync(ERROR_LIST, errorList())
