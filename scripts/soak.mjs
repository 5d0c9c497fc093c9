// `pnpm soak [FACTOR]`: the fault tests with their rounds multiplied, 10 times unless another factor is given.
import { runCommand, toolEnvironment } from './child-process.mjs'

const factor = process.argv[2] ?? '10'
const folders = [
  'packages/chat-storage/test/history.test.ts',
  'packages/datagram/test/faults/',
  'packages/fs-interface/test/differential.test.ts',
  'packages/log-core/test/faults/',
  'packages/multiplexer/test/faults/',
  'packages/stream/test/faults/',
]
// A round takes as long as ever, and a test has more of them.
const limit = `--testTimeout=${600_000 * Number(factor)}`
process.exitCode = await runCommand('vitest', ['run', ...folders, limit], {
  environment: { ...toolEnvironment(), DATAGRAM_SOAK: factor },
})
