/**
 * One part of what `npm test` and `pnpm verify` do.
 *
 * @typedef {object} Check
 * @property {string} title what it looks at, for the person who reads along
 * @property {readonly (readonly string[])[]} commands run one after another, up to the first that fails
 * @property {string} [needs] the check without which this one says nothing
 */

/** Prints only what went wrong, and runs as many tasks at once as there are cores. */
export const TURBO_OPTIONS = ['--output-logs=errors-only', '--concurrency=100%']

/** @type {Readonly<Record<string, Check>>} */
export const CHECKS = {
  format: { title: 'formatting', commands: [['biome', 'format']] },
  lint: { title: 'lint', commands: [['oxlint', '--deny-warnings']] },
  rules: {
    title: 'rules of the house: circles, floors, doors',
    commands: [['depcruise', 'packages', 'examples', 'scripts']],
  },
  shape: {
    title: 'shape: sizes and names of files, sizes of functions',
    commands: [['node', 'scripts/check-shape.mjs']],
  },
  unused: {
    title: 'unused files, exports and dependencies',
    commands: [['knip', '--no-config-hints']],
  },
  build: {
    title: 'build: what changed since it was last built',
    commands: [['turbo', 'run', 'build', ...TURBO_OPTIONS, '--continue=dependencies-successful']],
  },
  types: {
    title: 'types: every package, and the scripts',
    commands: [
      ['turbo', 'run', 'typecheck', ...TURBO_OPTIONS, '--continue'],
      ['tsc', '-p', 'tsconfig.json'],
    ],
  },
  tests: { title: 'tests', commands: [['node', 'scripts/run-tests.mjs']] },
  examples: {
    title: 'examples in the READMEs and in docs',
    commands: [['node', 'scripts/check-readmes.mjs']],
    needs: 'build',
  },
  packages: {
    title: 'packages as they would be published: publint, attw',
    commands: [['node', 'scripts/check-packages.mjs']],
    needs: 'build',
  },
  packed: {
    title: 'packages as a consumer installs them, in an empty project',
    commands: [['node', 'scripts/check-packed.mjs']],
    needs: 'build',
  },
}

/** What `npm test` does. */
export const TEST_CHECKS = ['build', 'types', 'tests', 'examples']
