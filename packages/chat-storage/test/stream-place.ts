import { defineInterface, type InterfaceStream, openStandalone } from '@datagram/stream'
import { temporaryFolder } from '@datagram/fault-harness'
import type { ChatBackend } from '../src/index.ts'
import { streamBackend } from '../src/stream/index.ts'
import type { ChatPlace } from './places.ts'

/** An interface that hands out its stream. */
const plain = defineInterface({
  name: 'plain',
  contract: 1,
  version: 1,
  open: (stream: InterfaceStream) => ({ stream }),
})

/** A stream in a folder of its own, opened by each backend and closed by it. */
export async function streamPlace(): Promise<ChatPlace> {
  const folder = await temporaryFolder()
  return {
    open: () => new OpeningBackend(folder.join('store')),
    folder: folder.path,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

/** Opens the stream at the first call, as the backends of folders and files do. */
class OpeningBackend implements ChatBackend {
  readonly appends = true
  readonly #opening: () => ReturnType<typeof openPlain>
  #opened: ReturnType<typeof openPlain> | undefined

  constructor(folder: string) {
    this.#opening = () => (this.#opened ??= openPlain(folder))
  }

  async get(...args: Parameters<ChatBackend['get']>) {
    return (await this.#backend()).get(...args)
  }

  async putMany(...args: Parameters<ChatBackend['putMany']>) {
    await (await this.#backend()).putMany(...args)
  }

  async *list() {
    yield* (await this.#backend()).list()
  }

  async close() {
    await (await this.#opened)?.close()
  }

  async #backend() {
    return streamBackend((await this.#opening()).stream)
  }
}

function openPlain(folder: string) {
  return openStandalone(folder, plain)
}
