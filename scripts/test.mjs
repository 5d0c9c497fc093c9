// `npm test`: on a fresh clone as on an old one, installs what is missing, builds what changed, and runs
// the type check, every test and every example of the READMEs.
import { TEST_CHECKS } from './checks.mjs'
import { runChecks } from './run-checks.mjs'

await runChecks(TEST_CHECKS)
