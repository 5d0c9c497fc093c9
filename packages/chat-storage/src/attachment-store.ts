import { createHash, randomBytes } from 'node:crypto'
import b4a from 'b4a'
import { type AttachmentContent, pieces } from './attachment-pieces.ts'
import type { BackendChange, WaitOptions } from './chat-backend.ts'
import { chatError, containerDamaged } from './chat-errors.ts'
import type { AttachmentUses } from './attachment-uses.ts'
import type { ContainerStore } from './container-store.ts'
import type { HiddenKeys } from './hidden-keys.ts'
import { stableJson } from './stable-json.ts'
import type { RunTurn, Turns } from './turns.ts'

/*
 * An attachment has a container that says how many messages name it and, once its content is here, how large
 * that is and under which number it is stored; and a container for each part of the content. A list has what
 * is being stored, and what no message names yet: what is left of that when the chat is opened again goes.
 */
const PART_BYTES = 256 * 1024
const ID_BYTES = 16

interface StoredAttachment {
  /** How many messages name it. */
  readonly uses: number
  /** Which parts are its; absent while its content is not here. */
  readonly id?: string
  readonly bytes?: number
}

interface Pending {
  /** Ids of parts that are being written. */
  readonly writing: readonly string[]
  /** Hashes of attachments that no message names yet. */
  readonly unused: readonly string[]
}

/** What was stored. */
export interface StoredContent {
  /** SHA-256, 64 hexadecimal digits. */
  readonly hash: string
  readonly bytes: number
}

/** Attachments of an account, each stored once. Whoever calls a method that gives changes has the turn. */
export class AttachmentStore {
  readonly #containers: ContainerStore
  readonly #hidden: HiddenKeys
  readonly #turns: Turns
  /** Runs work in a turn of its own. */
  readonly inTurn: RunTurn = (work) => this.#turns.run(work)
  /** What this store began: not to be swept. */
  readonly #begun = new Set<string>()

  constructor(containers: ContainerStore, hidden: HiddenKeys, turns: Turns) {
    this.#containers = containers
    this.#hidden = hidden
    this.#turns = turns
  }

  /** Stores content a part at a time, each in a turn of its own; what is stored already is not stored twice. */
  async write(content: AttachmentContent, { signal }: WaitOptions = {}): Promise<StoredContent> {
    const id = b4a.toString(randomBytes(ID_BYTES), 'hex')
    this.#begun.add(id)
    await this.#commit(async () => [
      await this.#pendingChange(({ writing, unused }) => ({ writing: [...writing, id], unused })),
    ])
    const hash = createHash('sha256')
    let bytes = 0
    try {
      let part = 0
      for await (const piece of pieces(content, PART_BYTES)) {
        signal?.throwIfAborted()
        hash.update(piece)
        bytes += piece.byteLength
        const { change } = this.#containers.put(this.#partKey(id, part++), piece)
        await this.#commit(async () => [change])
      }
      const stored = { hash: hash.digest('hex'), bytes }
      await this.#commit(() => this.#finish(id, stored))
      return stored
    } catch (error) {
      // What cannot be taken away now is taken away when the chat is opened next.
      await this.#commit(() => this.#takeBack(id)).catch(() => undefined)
      throw error
    } finally {
      this.#begun.delete(id)
    }
  }

  /** The content of the attachment with this hash. Throws `CHAT_ATTACHMENT_MISSING`, `CHAT_CONTAINER_MISSING`. */
  async *read(
    hash: string | undefined,
    { run = this.inTurn, ...wait }: WaitOptions & { readonly run?: RunTurn } = {},
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const stored = hash && (await run(() => this.#stored(hash, wait)))
    if (!stored || stored.id === undefined) {
      throw chatError(
        'CHAT_ATTACHMENT_MISSING',
        'the content of this attachment is not stored here; attach it, or look on another device',
        { details: { hash } },
      )
    }
    for (const key of this.#partKeys(stored)) {
      const part = await run(() => this.#containers.read(key, wait))
      if (part === undefined) {
        throw chatError(
          'CHAT_CONTAINER_MISSING',
          `a part of an attachment is not there: ${key}; it was deleted meanwhile, or put it back from a copy`,
          { details: { key } },
        )
      }
      yield part.contents[0] as Uint8Array
    }
  }

  /** Whether the content of the attachment is here. Whoever calls has the turn. */
  async has(hash: string, wait?: WaitOptions): Promise<boolean> {
    return (await this.#stored(hash, wait))?.id !== undefined
  }

  /** Keys of all that is stored of these attachments, and of those that are pending. */
  async keysOf(hashes: Iterable<string>): Promise<readonly string[]> {
    const { writing, unused } = await this.#pending()
    const keys = [this.#pendingKey]
    for (const id of writing) keys.push(...(await this.#partsOf(id)).map(({ key }) => key))
    for (const hash of new Set([...hashes, ...unused])) {
      const stored = await this.#stored(hash)
      if (stored !== undefined) keys.push(...this.#removal(hash, stored).map(({ key }) => key))
    }
    return keys
  }

  /** What is to be changed when messages come and go: what none of them names any more goes too. */
  async changesOf(uses: AttachmentUses): Promise<readonly BackendChange[]> {
    const changes: BackendChange[] = []
    const nowUsed = new Set<string>()
    for (const [hash, by] of uses.changes()) {
      this.#begun.delete(hash)
      const stored: StoredAttachment = (await this.#stored(hash)) ?? { uses: 0 }
      const next = { ...stored, uses: Math.max(0, stored.uses + by) }
      if (stored.uses === 0) nowUsed.add(hash)
      if (next.uses > 0) changes.push(this.#storedChange(hash, next))
      else changes.push(...this.#removal(hash, stored))
    }
    if (nowUsed.size === 0 || (await this.#pending()).unused.length === 0) return changes
    const used = await this.#pendingChange(({ writing, unused }) => ({
      writing,
      unused: unused.filter((hash) => !nowUsed.has(hash)),
    }))
    return [...changes, used]
  }

  /** What is to be changed to take away what an earlier opening of the chat stored and did not use. */
  async sweep(): Promise<readonly BackendChange[]> {
    const { writing, unused } = await this.#pending()
    const changes: BackendChange[] = []
    const isLeft = (one: string) => !this.#begun.has(one)
    for (const id of writing.filter(isLeft)) changes.push(...(await this.#partsOf(id)))
    for (const hash of unused.filter(isLeft)) {
      const stored = await this.#stored(hash)
      if (stored !== undefined) changes.push(...this.#removal(hash, stored))
    }
    if ([...writing, ...unused].every((one) => this.#begun.has(one))) return changes
    const rest = await this.#pendingChange(() => ({
      writing: writing.filter((one) => this.#begun.has(one)),
      unused: unused.filter((one) => this.#begun.has(one)),
    }))
    return [...changes, rest]
  }

  async #finish(id: string, { hash, bytes }: StoredContent): Promise<readonly BackendChange[]> {
    const stored: StoredAttachment = (await this.#stored(hash)) ?? { uses: 0 }
    if (stored.id !== undefined) return this.#takeBack(id)
    this.#begun.add(hash)
    return [
      this.#storedChange(hash, { ...stored, id, bytes }),
      await this.#pendingChange(({ writing, unused }) => ({
        writing: writing.filter((one) => one !== id),
        unused: stored.uses === 0 ? [...unused, hash] : unused,
      })),
    ]
  }

  async #takeBack(id: string): Promise<readonly BackendChange[]> {
    const done = await this.#pendingChange(({ writing, unused }) => ({
      writing: writing.filter((one) => one !== id),
      unused,
    }))
    return [...(await this.#partsOf(id)), done]
  }

  /** Takes away the parts that were written under a number: they begin with the first, and none is left out. */
  async #partsOf(id: string): Promise<readonly BackendChange[]> {
    const changes: BackendChange[] = []
    for (let part = 0; ; part++) {
      const key = this.#partKey(id, part)
      if ((await this.#containers.read(key)) === undefined) return changes
      changes.push({ type: 'delete', key })
    }
  }

  #removal(hash: string, stored: StoredAttachment): readonly BackendChange[] {
    const keys = [this.#hidden.of('attachment', hash), ...this.#partKeys(stored)]
    return keys.map((key) => ({ type: 'delete', key }))
  }

  #partKeys({ id, bytes = 0 }: StoredAttachment): readonly string[] {
    if (id === undefined) return []
    const count = Math.ceil(bytes / PART_BYTES)
    return Array.from({ length: count }, (_, part) => this.#partKey(id, part))
  }

  #partKey(id: string, part: number): string {
    return this.#hidden.of('part', id + String(part))
  }

  async #stored(hash: string, wait?: WaitOptions): Promise<StoredAttachment | undefined> {
    const { uses, id, bytes } = (await this.#json(this.#hidden.of('attachment', hash), wait)) ?? {}
    return uses === undefined ? undefined : ({ uses, id, bytes } as StoredAttachment)
  }

  #storedChange(hash: string, stored: StoredAttachment): BackendChange {
    const content = b4a.from(stableJson(stored))
    return this.#containers.put(this.#hidden.of('attachment', hash), content).change
  }

  async #pending(): Promise<Pending> {
    const { writing = [], unused = [] } = (await this.#json(this.#pendingKey)) ?? {}
    return { writing, unused } as Pending
  }

  async #pendingChange(next: (now: Pending) => Pending): Promise<BackendChange> {
    const { writing, unused } = next(await this.#pending())
    if (writing.length === 0 && unused.length === 0)
      return { type: 'delete', key: this.#pendingKey }
    const content = b4a.from(stableJson({ writing, unused }))
    return this.#containers.put(this.#pendingKey, content).change
  }

  get #pendingKey(): string {
    return this.#hidden.of('pending')
  }

  async #json(key: string, wait?: WaitOptions): Promise<Record<string, unknown> | undefined> {
    const container = await this.#containers.read(key, wait)
    if (container === undefined) return undefined
    try {
      return Object(JSON.parse(b4a.toString(container.contents[0] as Uint8Array)))
    } catch (cause) {
      throw containerDamaged(key, 'it holds no JSON', cause)
    }
  }

  #commit(changes: () => Promise<readonly BackendChange[]>): Promise<void> {
    return this.#turns.run(async () => this.#containers.commit(await changes()))
  }
}
