import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  declaredCodes,
  documentedCodes,
  ERROR_LIST,
  errorList,
  errorSection,
} from './error-list.mjs'
import { listPackages } from './workspace.mjs'

describe('the list of errors', () => {
  it('is up to date (pnpm run errors writes it)', () => {
    expect(fs.readFileSync(ERROR_LIST, 'utf8')).toBe(errorList())
  })

  const packages = listPackages().filter(({ directory }) => declaredCodes(directory).length > 0)

  it('covers the packages that throw', () => {
    expect(packages.length).toBeGreaterThan(6)
  })

  it.each(packages.map(({ name, directory }) => [name, directory]))(
    'of %s has every code that it declares',
    (_name, directory) => {
      const readme = fs.readFileSync(path.join(directory, 'README.md'), 'utf8')
      const documented = documentedCodes(errorSection(readme))
      expect(declaredCodes(directory).filter((code) => !documented.includes(code))).toEqual([])
    },
  )
})

it('codes are read from the table’s first column alone', () => {
  const section = '| code | when |\n| --- | --- |\n| `A_B`, `C` | see `D_E` |\ntext `F`'
  expect(documentedCodes(section)).toEqual(['A_B', 'C'])
})
