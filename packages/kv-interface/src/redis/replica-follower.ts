import type { Change, InterfaceStream } from '@datagram/stream'
import b4a from 'b4a'
import { EVENTS_SUB, SYSTEM } from './databases.ts'
import { keyOf } from './bucket.ts'
import { decodeEvents, type ToldEvent } from './key-event.ts'
import { HASHED_AT, isLongPart } from './key-part.ts'
import { decodeMeta } from './meta.ts'
import type { Notifications } from './notifications.ts'

const EVENTS_KEY = keyOf(SYSTEM, EVENTS_SUB)
const KEYS_PREFIX_BYTES = 7
// After a failure: what was missing may have come.
const RETRY_MS = 1000

/** What it follows, and whom it tells. */
interface Followed {
  readonly stream: InterfaceStream
  readonly notifications: Notifications
}

/** Keeps a replica at the writer's newest state, and tells what the writer says happened to keys. */
export class ReplicaFollower {
  readonly #followed: Followed
  readonly #stopped = new AbortController()

  constructor(followed: Followed) {
    this.#followed = followed
    void this.#run()
  }

  stop(): void {
    this.#stopped.abort()
  }

  // It never rejects: a failure is tried again, and the end of the stream is its end.
  async #run(): Promise<void> {
    const { stream, notifications } = this.#followed
    const signal = AbortSignal.any([stream.signal, this.#stopped.signal])
    let from = stream.moment()
    while (!signal.aborted) {
      try {
        for await (const change of stream.changes({ from, signal })) {
          from = change.moment
          if (notifications.isOn)
            for (const event of await eventsOf(change)) notifications.tell(event)
        }
      } catch {
        if (!signal.aborted) await later(signal)
      }
    }
  }
}

async function eventsOf({ operations }: Change) {
  for (const operation of operations) {
    if (operation.type !== 'put' || !b4a.equals(operation.key, EVENTS_KEY)) continue
    const told = decodeEvents(await operation.read())
    return Promise.all(
      told.map(async (event) => ({ ...event, key: await keyIn(operations, event) })),
    )
  }
  return []
}

async function keyIn(operations: Change['operations'], { key }: ToldEvent): Promise<Uint8Array> {
  if (typeof key !== 'number') return key
  const operation = operations[key]
  if (operation === undefined || operation.type === 'object') return new Uint8Array(0)
  const part = operation.key.subarray(KEYS_PREFIX_BYTES + HASHED_AT)
  if (!isLongPart(part) || operation.type === 'del') return part
  return decodeMeta(await operation.read()).longKey ?? part
}

function later(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, RETRY_MS).unref()
    signal.addEventListener('abort', done, { once: true })
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}
