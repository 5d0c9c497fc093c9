import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { toolEnvironment } from './child-process.mjs'
import { listPackages, ROOT } from './workspace.mjs'

const execute = promisify(execFile)

/**
 * A published package, as its users get it.
 *
 * @typedef {object} Tarball
 * @property {string} name
 * @property {string} file absolute path
 * @property {string[]} contents paths inside the package, except those that npm always adds
 */

/**
 * Packs every published package into `folder`. pnpm does it, because only it puts the `exports` of
 * `publishConfig` in place and real versions where `workspace:` stands.
 *
 * @param {string} folder
 * @returns {Promise<Tarball[]>}
 */
export async function packAll(folder) {
  const filters = listPackages().flatMap(({ name, isPublished }) =>
    isPublished ? ['--filter', name] : [],
  )
  const { stdout } = await execute(
    'pnpm',
    ['--recursive', ...filters, 'pack', '--pack-destination', folder, '--json'],
    { cwd: ROOT, env: toolEnvironment(), maxBuffer: 2 ** 26 },
  )
  return [JSON.parse(stdout)].flat().map(({ name, filename, files }) => ({
    name,
    file: filename,
    contents: files.map((entry) => entry.path),
  }))
}
