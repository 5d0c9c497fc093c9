import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the whole repository. */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')

const SOURCE_ROOTS = ['packages', 'examples', 'bench', 'scripts']
const SOURCE = /\.(ts|mts|mjs|cjs|js)$/
const NOT_OURS = new Set(['node_modules', 'dist', 'coverage', '.turbo'])

/**
 * @typedef {object} Package
 * @property {string} name as it is imported
 * @property {string} folder the name of its folder under `packages/`
 * @property {string} directory that folder's absolute path
 * @property {boolean} isPublished
 * @property {any} manifest its package.json
 */

/**
 * Every package under `packages/`, in the order of their folders' names.
 *
 * @returns {Package[]}
 */
export function listPackages() {
  return listManifests()
    .filter(({ file }) => file.startsWith('packages/'))
    .map(({ file, manifest }) => {
      const folder = file.split('/')[1]
      const directory = path.join(ROOT, 'packages', folder)
      return { name: manifest.name, folder, directory, isPublished: !manifest.private, manifest }
    })
}

/**
 * Every package.json of the workspace, its own included.
 *
 * @returns {{ file: string, manifest: any }[]} `file` is a path inside the repository
 */
export function listManifests() {
  const files = ['package.json', 'bench/package.json']
  for (const root of ['packages', 'examples']) {
    if (!fs.existsSync(path.join(ROOT, root))) continue
    const folders = fs.readdirSync(path.join(ROOT, root)).sort()
    files.push(...folders.map((folder) => `${root}/${folder}/package.json`))
  }
  return files
    .filter((file) => fs.existsSync(path.join(ROOT, file)))
    .map((file) => ({ file, manifest: JSON.parse(fs.readFileSync(path.join(ROOT, file), 'utf8')) }))
}

/** Every source file of the repository, as sorted paths inside it with `/` between their parts. */
export function listSourceFiles() {
  /** @type {string[]} */
  const found = []
  /** @param {string} folder */
  const walk = (folder) => {
    if (!fs.existsSync(path.join(ROOT, folder))) return
    for (const entry of fs.readdirSync(path.join(ROOT, folder), { withFileTypes: true })) {
      if (NOT_OURS.has(entry.name)) continue
      const inside = `${folder}/${entry.name}`
      if (entry.isDirectory()) walk(inside)
      else if (SOURCE.test(entry.name)) found.push(inside)
    }
  }
  for (const root of SOURCE_ROOTS) walk(root)
  return found.sort()
}
