import { defineConfig, type Options } from 'tsup'

// `npm start` only runs what it builds, and types take most of the time of a build.
const WITH_TYPES = process.env.DATAGRAM_BUILD_TYPES !== 'no'

/**
 * How every package is built: ESM for Node 20, with types and source maps, into `dist/`.
 *
 * `entry` lists the files that are reached from outside by a path of their own (`exports`, a worker):
 * everything that they import is bundled into them; every package that they import stays outside.
 */
export function packageBuild({ entry = ['src/index.ts'], ...options }: Options = {}) {
  return defineConfig({
    entry,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    dts: WITH_TYPES,
    sourcemap: true,
    treeshake: true,
    clean: true,
    ...options,
  })
}
