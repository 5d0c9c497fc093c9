// `pnpm verify`: everything that must hold before a commit. With names, only those parts;
// with --after-test, the parts that `npm test` leaves out.
import { CHECKS, TEST_CHECKS } from './checks.mjs'
import { runChecks } from './run-checks.mjs'

const all = Object.keys(CHECKS)
const [first, ...more] = process.argv.slice(2)
const unknown = [first, ...more].filter(
  (name) => name && name !== '--after-test' && !all.includes(name),
)
if (unknown.length > 0) {
  throw new TypeError(
    `no part of verify is called ${unknown.join(', ')}; there are: ${all.join(', ')}`,
  )
}
if (first === undefined) await runChecks(all)
else if (first === '--after-test')
  await runChecks(all.filter((name) => !TEST_CHECKS.includes(name)))
else await runChecks([first, ...more])
