import { bounded } from '@datagram/log-core'
import { guarded } from './guard.ts'
import type { Check } from './guarded-iterator.ts'
import type { AnyInterface, OpenedRequires, Requires } from './interface-definition.ts'
import type { InterfaceStream } from './interface-stream.ts'
import type { SpacePlan } from './spaces.ts'

// How long a `close` hook may take before the stream is closed all the same.
const CLOSE_HOOK_MS = 10_000

/** An interface that was opened, and how to close it. */
export interface OpenedInterface {
  /** Guarded: refused once the stream closes. */
  readonly api: object
  /** Runs its `close` hook, then those of what it requires. All run; the first failure is thrown. */
  close(): Promise<void>
}

/** What opening an interface needs of its stream. */
export interface OpenInterfaceContext {
  readonly view: (space: number) => InterfaceStream
  /** Throws when the stream's own interface may not be used. */
  readonly check: Check
  /** Throws when an interface that another requires may not be used. */
  readonly checkRequired: Check
}

// What a hook's own definition takes and gives; each definition is called only with what it itself made.
interface LooseInterface {
  open(stream: InterfaceStream, requires: OpenedRequires<Requires>, options: unknown): unknown
  close?(api: unknown): unknown
}

/** Opens an interface, what it requires first. When it fails, what was opened is closed again. */
export async function openInterface(
  { definition, space, required }: SpacePlan,
  options: unknown,
  context: OpenInterfaceContext,
): Promise<OpenedInterface> {
  const opened = new Map<string, OpenedInterface>()
  const inner = { ...context, check: context.checkRequired }
  const closeRequired = async () => {
    for (const one of [...opened.values()].reverse()) await one.close()
  }
  try {
    for (const [slot, plan] of required) {
      opened.set(slot, await openInterface(plan, undefined, inner))
    }
    const loose = definition as AnyInterface as LooseInterface
    const api: unknown = await loose.open(context.view(space), requiresOf(opened), options)
    assertApi(definition, api)
    let shown: object | undefined
    return {
      get api() {
        return (shown ??= guarded(api, context.check))
      },
      close: async () => {
        try {
          await runCloseHook(loose, definition.name, api)
        } finally {
          await closeRequired()
        }
      },
    }
  } catch (error) {
    await closeRequired()
    throw error
  }
}

// Guarded when first looked at: kv requires Redis' commands, of which it has 155 and most streams use none.
function requiresOf(opened: ReadonlyMap<string, OpenedInterface>): OpenedRequires<Requires> {
  const requires: OpenedRequires<Requires> = {}
  for (const [slot, required] of opened) {
    Object.defineProperty(requires, slot, { enumerable: true, get: () => required.api })
  }
  return requires
}

async function runCloseHook(loose: LooseInterface, name: string, api: object): Promise<void> {
  if (loose.close === undefined) return
  const closing = Promise.resolve(loose.close(api))
  await bounded(closing, `close() of the interface ${name}`, { timeoutMs: CLOSE_HOOK_MS })
}

function assertApi({ name }: AnyInterface, api: unknown): asserts api is object {
  if (typeof api === 'object' && api !== null) return
  throw new TypeError(`open() of the interface ${name} did not return an object`)
}
