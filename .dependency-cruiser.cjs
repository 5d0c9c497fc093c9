// The rooms and floors of the house. A package imports only from lower floors, so two packages on one
// floor never import one another. A new package gets its floor here, or the last rule stops it.
const floors = [
  ['errors'],
  ['log-core', 'descriptors'],
  ['indexer'],
  ['stream'],
  ['kv-interface', 'fs-interface', 'object-store', 'chat-storage', 'container', 'conformance'],
  ['multiplexer', 'network', 'redis-server', 'level'],
  ['datagram'],
  ['cli'],
]

// Private, for tests, and imports no package of the house; so it stands on no floor.
const testRooms = ['fault-harness']

const room = (names) => `^packages/(${names.join('|')})/`
const npm = (names) => `(^|/node_modules/)(${names.join('|')})(/|$)`
const tests = '(^packages/[^/]+/(test|src/.+[.]test[.]ts$)|^examples/[^/]+/test/|^scripts/)'

const floorRules = floors.map((names, floor) => ({
  name: `floor-${floor}`,
  comment: `${names.join(', ')}: may import only from the floors below. Take what a neighbour or an upper floor offers as a structural type from the caller, or move the contract down to the lowest floor that needs it.`,
  severity: 'error',
  from: { path: room(names) },
  to: {
    path: room([...floors.slice(floor).flat(), ...testRooms]),
    // Tests may use the harness and the kit; their own package is theirs.
    pathNot: '^packages/($1|fault-harness|conformance)/',
  },
}))

module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment:
        'These files import one another in a circle. Find the noun that both need and give it a file of its own below both.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...floorRules,
    {
      name: 'test-rooms-in-tests-only',
      comment:
        'The fault harness and the conformance kit are for tests; product code never imports them.',
      severity: 'error',
      from: { path: '^packages/(?!conformance/|fault-harness/)', pathNot: tests },
      to: { path: room(['fault-harness', 'conformance']) },
    },
    {
      name: 'fault-harness-stands-alone',
      comment:
        'The fault harness imports no package of the house, so that every floor can be tested with it.',
      severity: 'error',
      from: { path: '^packages/fault-harness/src/' },
      to: { path: '^packages/(?!fault-harness/)' },
    },
    {
      name: 'not-through-the-own-index',
      comment:
        'A file imports its neighbours by their own names; the index is the door for others (and for tests).',
      severity: 'error',
      from: { path: '^packages/([^/]+)/', pathNot: tests },
      to: { path: '^packages/$1/src/index[.]ts$' },
    },
    {
      name: 'only-the-door',
      comment:
        'Another package is entered through its exports, never by a path into its sources. (A test may use what the tests of a lower floor have built.)',
      severity: 'error',
      from: { path: '^packages/([^/]+)/', pathNot: '[.]config[.]ts$' },
      to: {
        path: '^packages/(?!$1/)',
        pathNot: '^packages/[^/]+/test/',
        dependencyTypes: ['local'],
      },
    },
    {
      name: 'no-tests-in-product',
      comment: 'What a test has built stays in tests: it is not published.',
      severity: 'error',
      from: { path: '^(packages|examples)/', pathNot: tests },
      to: { path: '^packages/[^/]+/test/' },
    },
    {
      name: 'hypercore-behind-log-core',
      comment:
        'Only packages/log-core/src/hypercore/ knows hypercore; everything else uses the Log contract.',
      severity: 'error',
      from: {
        path: '^(packages|examples)/',
        pathNot: [tests, '^packages/log-core/src/hypercore/'],
      },
      to: { path: npm(['hypercore', 'corestore', 'hypercore-storage']) },
    },
    {
      name: 'transports-behind-network',
      comment:
        'Only packages/network knows a transport; everything else takes a duplex stream or an address. (The listener of redis-server is a transport of its own: no peers, no Noise, clients of Redis.)',
      severity: 'error',
      from: {
        path: '^packages/',
        pathNot: [
          tests,
          '^packages/(network|fault-harness)/src/',
          '^packages/redis-server/src/(client|redis-server)[.]ts$',
        ],
      },
      to: {
        path: [
          '^(node:)?(net|tls|dgram|http|https|http2)$',
          npm(['ws', 'hyperswarm', 'hyperdht', 'udx-native']),
        ],
      },
    },
    {
      name: 'declared',
      comment:
        'Every package that is imported stands in the importing package.json; tests may use devDependencies.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: '[.]test[.]ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown'] },
    },
    {
      name: 'resolvable',
      comment: 'This import leads nowhere.',
      severity: 'error',
      from: { path: '^(packages|scripts|examples|bench)/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'every-package-has-a-floor',
      comment:
        'A package that stands on no floor: give it one at the top of .dependency-cruiser.cjs.',
      severity: 'error',
      from: { path: `^packages/(?!(${[...floors.flat(), ...testRooms].join('|')})/)` },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|coverage)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['datagram:source', 'node', 'import', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.d.ts', '.json'],
      mainFields: ['main', 'types'],
    },
  },
}
