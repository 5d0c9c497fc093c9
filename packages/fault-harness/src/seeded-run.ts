import { Random } from './random.ts'

export interface SeededRunOptions {
  /** Default: the environment's `DATAGRAM_TEST_SEED`, or else a new one each time. */
  readonly seed?: number
}

/**
 * Runs a test that draws random numbers. When it fails, the error that comes out says the seed, and
 * `DATAGRAM_TEST_SEED=<seed>` in the environment repeats the run.
 */
export async function seededRun<T>(
  run: (random: Random) => T | Promise<T>,
  { seed = seedOfEnvironment() }: SeededRunOptions = {},
): Promise<T> {
  const random = new Random(seed)
  try {
    return await run(random)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`with DATAGRAM_TEST_SEED=${random.seed}: ${why}`, { cause })
  }
}

function seedOfEnvironment(): number {
  const given = process.env['DATAGRAM_TEST_SEED']
  if (given === undefined || given === '') return Math.floor(Math.random() * 0x1_0000_0000)
  const seed = Number(given)
  if (!Number.isInteger(seed))
    throw new TypeError(`DATAGRAM_TEST_SEED is no whole number: ${given}`)
  return seed
}
