import fs from 'node:fs/promises'
import { fileBackend } from './backends/file-backend.ts'
import type { ChatBackend } from './chat-backend.ts'
import { ChatCopy, type CopiedMessages, type CopyRange } from './chat-copy.ts'
import { chatError } from './chat-errors.ts'
import type { ChatOptions } from './chat-options.ts'
import type { ChatTools } from './chat-tools.ts'
import type { ChatMode } from './container-key.ts'
import { jsonExport } from './json-export.ts'

/** Which messages are exported, and how. */
export interface ExportOptions extends CopyRange {
  /** Encrypts the file; default: the chat's storage key. */
  readonly storageKey?: Uint8Array | undefined
}

/** Which messages are imported, and how a file of them was made. */
export interface ImportOptions extends CopyRange {
  /** Of the file; default: the chat's. */
  readonly storageKey?: Uint8Array | undefined
  /** Of the file; default: the chat's. */
  readonly mode?: ChatMode | undefined
}

/** Another chat of the account: what is given is not as here. */
export type OtherChatOptions = Partial<ChatOptions> & { readonly backend: ChatBackend }

/** Gives a chat's transfer to other chats: through what stands before one in a stream, too. */
export const TRANSFER = Symbol('transfer')

/** Another chat, opened. */
interface OtherTransfer {
  readonly transfer: ChatTransfer
  close(): Promise<void>
}

/** Brings messages from one chat into another. */
export class ChatTransfer {
  readonly #tools: ChatTools
  readonly #open: (options: OtherChatOptions) => Promise<OtherTransfer>

  constructor(tools: ChatTools, open: (options: OtherChatOptions) => Promise<OtherTransfer>) {
    this.#tools = tools
    this.#open = open
  }

  /** As `Chat.import`, of a chat. */
  async import(source: ChatTransfer, range: CopyRange): Promise<CopiedMessages> {
    this.#assertSameAccount(source)
    if (source === this) throw new TypeError('a chat does not import itself')
    const { turns } = source.#tools
    return new ChatCopy(source.#tools, this.#tools, (work) => turns.run(work)).copy(range)
  }

  /** As `Chat.import`, of a file. */
  async importFile(
    path: string,
    { storageKey, mode, ...range }: ImportOptions,
  ): Promise<CopiedMessages> {
    await fs.access(path).catch((cause: unknown) => {
      throw missing(path, cause)
    })
    const source = await this.#open({
      backend: readOnly(fileBackend(path)),
      ...(storageKey === undefined ? {} : { storageKey }),
      ...(mode === undefined ? {} : { mode }),
    })
    try {
      if (!source.transfer.#tools.book.isStored) throw missing(path)
      return await this.import(source.transfer, range)
    } finally {
      await source.close()
    }
  }

  /** As `Chat.export`. */
  async export(path: string, { storageKey, ...range }: ExportOptions): Promise<CopiedMessages> {
    const temporary = `${path}.new`
    await fs.rm(temporary, { force: true })
    try {
      const target = await this.#open({
        backend: fileBackend(temporary, { durability: 'disk' }),
        searchIndex: false,
        ...(storageKey === undefined ? {} : { storageKey }),
      })
      try {
        await target.transfer.#tools.book.mark()
        const copied = await target.transfer.import(this, range)
        await target.close()
        await fs.rename(temporary, path)
        return copied
      } finally {
        await target.close()
      }
    } catch (error) {
      await fs.rm(temporary, { force: true })
      throw error
    }
  }

  /** As `Chat.exportJson`. */
  json(range: CopyRange): AsyncGenerator<string, void, undefined> {
    return jsonExport(this.#tools, range)
  }

  /** As `Chat.moveTo`: one turn, so that nothing is written here meanwhile. */
  async moveTo(target: ChatTransfer): Promise<void> {
    this.#assertSameAccount(target)
    if (target === this) throw new TypeError('a chat does not move to itself')
    const { book, turns } = this.#tools
    await turns.run(async () => {
      await target.#assertEmpty()
      let isCopied = false
      try {
        await new ChatCopy(this.#tools, target.#tools, (work) => work()).copy({})
        isCopied = true
        await book.clear()
      } catch (error) {
        // What is not there any more must not be taken away from where it went.
        const isHere = !isCopied || (await book.root()).conversations.length > 0
        if (isHere) await target.#tools.turns.run(() => target.#tools.book.clear())
        throw error
      }
    })
  }

  async #assertEmpty(): Promise<void> {
    const { book, turns } = this.#tools
    const { conversations } = await turns.run(() => book.root())
    if (conversations.length === 0) return
    throw chatError(
      'CHAT_NOT_EMPTY',
      'the account has messages there already; import into that chat instead, or move to an empty backend',
    )
  }

  #assertSameAccount(other: ChatTransfer): void {
    if (other.#tools.account === this.#tools.account) return
    throw new TypeError('messages go from one chat to another of the same account')
  }
}

function missing(path: string, cause?: unknown): Error {
  return chatError(
    'CHAT_EXPORT_MISSING',
    `no messages of this account are in ${path}; look at the path, the account and the storage key`,
    { cause, details: { path } },
  )
}

/** A file that is imported stays as it is. */
function readOnly(backend: ChatBackend): ChatBackend {
  return {
    appends: backend.appends,
    isReadOnly: true,
    get: (key, options) => backend.get(key, options),
    putMany: async () => {
      throw new TypeError('what is imported is not written to')
    },
    list: () => backend.list(),
    close: async () => backend.close?.(),
  }
}
