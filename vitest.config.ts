import { defineConfig } from 'vitest/config'

// The custom condition resolves every workspace package to its source, so tests need no build.
const conditions = ['datagram:source', 'node', 'import', 'default']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      'packages/*/{src,test}/**/*.test.ts',
      'examples/*/test/**/*.test.ts',
      'bench/test/**/*.test.ts',
      'scripts/**/*.test.mjs',
    ],
    pool: 'forks',
    maxWorkers: 2,
    // Bounds against hanging, for a machine that is busy with other things as well.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000, interval: 20 } },
    coverage: { include: ['packages/*/src/**/*.ts'], reportsDirectory: 'coverage' },
  },
})
