// Runs lanes of writes on a datagram until it is killed; says what is begun and what is acknowledged.
import { setTimeout as sleep } from 'node:timers/promises'
import { acknowledge, childOptions, Random } from '@datagram/fault-harness'
import { type Durability, openDatagram } from '../../../src/index.ts'
import { type Lane, runStep } from '../lanes.ts'

export interface WriterOptions {
  readonly folder: string
  readonly password?: string
  readonly durability?: Durability
  /** Each lane, and the number of its last step so far. */
  readonly lanes: readonly (readonly [Lane, number])[]
  readonly seed: number
  /** It dies by itself after so long, as the moment that it was to die at may never come. */
  readonly livesMs: number
  /** Whether it compacts the store now and then. */
  readonly compacts?: boolean
}

/** What it says of a step. */
export type StepReport = readonly [what: 'begun' | 'done', laneId: string, number: number]

const { folder, password, durability, lanes, seed, livesMs, compacts } =
  childOptions<WriterOptions>()
setTimeout(() => process.kill(process.pid, 'SIGKILL'), livesMs)
const random = new Random(seed)
const datagram = await openDatagram(folder, { password, durability: durability ?? 'process' })

async function run(lane: Lane, from: number): Promise<never> {
  const pace = random.fork()
  // Streams are made and described now and then, keys all the time.
  const pauseMs = lane.kind === 'create' || lane.kind === 'describe' ? 40 : 4
  for (let number = from + 1; ; number++) {
    acknowledge(['begun', lane.id, number] satisfies StepReport)
    await runStep(datagram, lane, number)
    acknowledge(['done', lane.id, number] satisfies StepReport)
    if (pace.chance(0.3)) await sleep(pace.between(0, pauseMs))
  }
}

async function compactNowAndThen(): Promise<never> {
  for (;;) {
    await sleep(150)
    await datagram.compact()
  }
}

const running = lanes.map(([lane, from]) => run(lane, from))
if (compacts === true) running.push(compactNowAndThen())
await Promise.all(running)
