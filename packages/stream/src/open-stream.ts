import { openIndex } from '@datagram/indexer'
import type { KeyPair, Log, WaitOptions } from '@datagram/log-core'
import { countObjects } from './contents.ts'
import { dropAlone } from './drop-alone.ts'
import type { ForgottenAlone } from './forgotten-alone.ts'
import type { StreamHeader } from './header.ts'
import {
  type AnyInterface,
  assertDefinition,
  type InterfaceDefinition,
  type Requires,
} from './interface-definition.ts'
import { STREAM_SPACE } from './key-space.ts'
import type { Logger } from './logger.ts'
import { Numbering } from './numbering.ts'
import { isSettled, planSpaces, readSpaces, type SpacePlan, settleSpaces } from './spaces.ts'
import type { Stream } from './stream.ts'
import { StreamCore } from './stream-core.ts'
import { StreamHandle } from './stream-handle.ts'
import { openHeader } from './stream-logs.ts'

/** How a stream is opened. `signal` and `timeoutMs` bound what has to be fetched for it. */
export interface OpenStreamOptions<
  Api extends object = object,
  Options = unknown,
  R extends Requires = Requires,
> extends WaitOptions {
  /** Name for messages, and for the interface to see. */
  readonly name: string
  /** The data log; opened, and closed, by the caller. */
  readonly data: Log
  /** The index log; opened, and closed, by the caller. */
  readonly index: Log
  /** The stream's interface. The first open of empty logs makes it the stream's type. */
  readonly definition: InterfaceDefinition<Api, Options, R>
  /** What the interface's `open` is given as options. */
  readonly options?: Options | undefined
  /** Of somebody else's stream: what this machine has forgotten of it alone, and where it keeps that. */
  readonly alone?: ForgottenAlone | undefined
  /**
   * Of a stream of one's own: is called, and awaited, before what is to be forgotten is dropped, also what an earlier
   * process has left to be forgotten. Where it rejects nothing is dropped yet, and forgetting begins with it again.
   */
  readonly onForget?: (() => Promise<void>) | undefined
  /**
   * Who makes the stream, where it is made now: its header then proves it to whoever reads the stream. Default: it
   * names nobody.
   */
  readonly author?: KeyPair | undefined
  /** Is told of what nobody waits for. */
  readonly logger?: Logger | undefined
}

/**
 * Opens a stream over its two logs: makes it on the first open of empty ones that are writable, and
 * brings it up to what is on this machine. A replica's `update()` then moves it on.
 *
 * Throws `STREAM_TYPE_MISMATCH`, `STREAM_VERSION_NEWER`, `STREAM_VERSION_OLDER`, `STREAM_UNAVAILABLE`,
 * `STREAM_LOGS_MISMATCHED`, `HEADER_DAMAGED`, `HEADER_FORMAT_UNKNOWN`, `INTERFACE_CONTRACT_UNKNOWN`,
 * `FRAME_DAMAGED`, `FRAME_FORMAT_UNKNOWN`, what the index and the logs throw, and what the interface's
 * `open` and `migrate` throw. A failed open leaves nothing open but the logs.
 */
export async function openStream<Api extends object, Options, R extends Requires>(
  options: OpenStreamOptions<Api, Options, R>,
): Promise<Stream<Api>> {
  const { name, data, index: indexLog, author, alone, onForget } = options
  const { logger, signal, timeoutMs } = options
  const definition: unknown = options.definition
  assertDefinition(definition)
  const wait = { signal, timeoutMs }
  readAhead(indexLog, wait)
  const header = await openHeader({ data, indexLog }, definition, { author, ...wait })
  const index = await openIndex(indexLog, wait)
  await dropAlone(data, alone?.ranges ?? [])
  const core = new StreamCore({ name, data, indexLog, index, logger, alone, onForget })
  const handle = new StreamHandle(core, header)
  try {
    await core.load(wait)
    core.opened(await readNumbering(core, wait))
    const plan = await prepareSpaces(core, definition, header, wait)
    await handle.open(plan, options.options)
    core.forgetSoon()
  } catch (error) {
    await core.close()
    throw error
  }
  // What the definition's own `open` returned.
  return handle as Stream as Stream<Api>
}

// What is far away and will be needed is asked for together: the header and the newest head of the index.
function readAhead(indexLog: Log, wait: WaitOptions): void {
  const last = indexLog.length - 1
  if (indexLog.writable || last < 1) return
  // Whoever needs one of the two hears of a failure.
  indexLog.getBlocks([0, last], wait).catch(() => undefined)
}

async function readNumbering(core: StreamCore, wait: WaitOptions): Promise<Numbering> {
  if (!core.writable) return new Numbering(0, [])
  const counted = [countObjects(core.parts.index, wait), core.types.all(wait)] as const
  return new Numbering(...(await Promise.all(counted)))
}

async function prepareSpaces(
  core: StreamCore,
  definition: AnyInterface,
  header: StreamHeader,
  wait: WaitOptions,
): Promise<SpacePlan> {
  const { writable } = core
  const reader = core.reader(STREAM_SPACE)
  const makePlan = async (options: WaitOptions) =>
    planSpaces(definition, header, { writable, records: await readSpaces(reader, options) })
  const plan = await makePlan(wait)
  // The author may migrate to a version that this interface does not know while a replica is open.
  if (!writable) core.checkStates(async () => void (await makePlan({})))
  if (!writable || isSettled(plan)) return plan
  await core.write(
    STREAM_SPACE,
    (tx) => settleSpaces(plan, (space, fn) => tx.join(() => core.write(space, fn))),
    { runMs: undefined },
  )
  return plan
}
