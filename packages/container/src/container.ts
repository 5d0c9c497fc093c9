import { type KeyPair, Lifecycle, type Store, type WaitOptions } from '@datagram/log-core'
import { type InterfaceDefinition, openStream, type Requires, type Stream } from '@datagram/stream'
import b4a from 'b4a'
import { openAloneNotes } from './alone-notes.ts'
import { Attachments, type DetachOptions, type Finding } from './attachments.ts'
import { authorOf } from './author.ts'
import { type StreamUsages, usageOfAll, verifyAll } from './container-care.ts'
import { containerError } from './container-errors.ts'
import type { ContainerOptions } from './container-options.ts'
import type { ContainerParts } from './container-parts.ts'
import { createStream } from './created-stream.ts'
import { DropRecorder } from './drop-recorder.ts'
import { type FetchOptions, fetchStreams } from './fetch.ts'
import { ForeignStreams } from './foreign-streams.ts'
import { isHosted } from './hosted-record.ts'
import { finishLettingGo, letFormerGo } from './let-go.ts'
import type { OpenedLink } from './link.ts'
import { Members } from './members.ts'
import { type MetaDatabase, streamNotFound } from './meta-database.ts'
import { OpenStreams, typeMismatch } from './open-streams.ts'
import { type Origin, readOrigin, writeOrigin } from './origin.ts'
import { withOwnRoster } from './own-roster.ts'
import type { Replicable, ReplicableStream } from './replicable.ts'
import { ignoreUnavailable, notReady, Root } from './root.ts'
import { rekeyStream } from './rekey.ts'
import { type ShareOptions, shareContainer, shareStream } from './share.ts'
import { checkedDescription, type StreamDescription } from './stream-description.ts'
import type { StreamInfo } from './stream-info.ts'
import { assertStreamName } from './stream-name.ts'
import type { StreamRecord } from './stream-record.ts'
import { UnavailableBlocks } from './unavailable-blocks.ts'
import type { VerifyReport } from './verify-logs.ts'

/**
 * The streams that belong together: created, found and shared by name. It knows no transport; a
 * multiplexer replicates it (see {@link Replicable}).
 */
export class Container implements Replicable {
  readonly #store: Store
  #origin: Origin | undefined
  readonly #root: Root
  readonly #members: Members
  readonly #open = new OpenStreams()
  readonly #lifecycle = new Lifecycle('the datagram', 'CONTAINER_CLOSED')
  readonly #foreign: ForeignStreams
  readonly #drops: DropRecorder
  readonly #author: KeyPair | undefined

  private constructor(
    store: Store,
    origin: Origin | undefined,
    root: Root,
    members: Members,
    options: ContainerOptions,
  ) {
    this.#store = store
    this.#origin = origin
    this.#root = root
    const onProblem = options.onProblem ?? (() => undefined)
    this.#members = members
    const open = this.#open
    const isClone = origin !== undefined
    const { signal } = this.#lifecycle
    this.#author = authorOf(store, options)
    this.#foreign = new ForeignStreams({ store, root, members, open, isClone, onProblem, signal })
    this.#drops = new DropRecorder(this.#parts, onProblem)
    // What is open of it is of the past; by name it is opened anew.
    this.#members.exchanged.listen((name) => {
      this.#open.exchange(name, async () => undefined).catch(onProblem)
    })
    this.#lifecycle.opened()
  }

  /** The container in a store: our own, made on first open, or the clone that was begun in it. */
  static async open(store: Store, options: ContainerOptions = {}): Promise<Container> {
    const origin = readOrigin(store)
    if (isHosted(store)) {
      throw containerError(
        'CONTAINER_BLIND',
        'this folder hosts a datagram that it cannot read; open it with hostDatagram, or clone a read link into another folder',
      )
    }
    if (origin === undefined && store.secret('container') === undefined) {
      await store.setSecret('container', b4a.from([1]))
    }
    const root =
      origin === undefined
        ? await Root.openOwn(store, authorOf(store, options))
        : await Root.openReplica(store, origin)
    const alone = await openAloneNotes(store)
    const unavailable = await UnavailableBlocks.open(store)
    const members = new Members(store, origin, root, { alone, unavailable })
    return new Container(store, origin, root, members, options)
  }

  /** Public key of who makes its streams, 32 bytes, where that is proven. */
  get authorKey(): Uint8Array | undefined {
    return this.#root.authorKey
  }

  /** Whether streams can be created and written here; a clone only reads. */
  get writable(): boolean {
    return this.#origin === undefined
  }

  get root(): ReplicableStream {
    return this.#root
  }

  streams(): readonly ReplicableStream[] {
    return this.#members.replicable()
  }

  onStreamAdded(listener: (stream: ReplicableStream) => void): () => void {
    return this.#members.added.listen(listener)
  }

  onStreamChanged(listener: (stream: ReplicableStream) => void): () => void {
    return this.#members.altered.listen(listener)
  }

  onStreamRemoved(listener: (id: Uint8Array) => void): () => void {
    return this.#members.removed.listen(listener)
  }

  /**
   * Opens the stream under `name` through its interface, or creates it. The same name gives the same
   * handle. Throws `STREAM_TYPE_MISMATCH`, `STREAM_NOT_FOUND` (on a clone), `STREAM_NAME_INVALID`.
   */
  async open<Api extends object, Options, R extends Requires>(
    name: string,
    definition: InterfaceDefinition<Api, Options, R>,
    options?: Options,
    wait: WaitOptions = {},
  ): Promise<Api> {
    this.#lifecycle.assertOpen()
    assertStreamName(name)
    const stream = await this.#open.get(name, definition.name, options, () =>
      this.#openStream(name, definition, options, wait),
    )
    return stream.api
  }

  /** Sets what people may be told of a stream; what is not given stays. Throws `STREAM_NOT_FOUND`, `STREAM_DESCRIPTION_INVALID`. */
  async describe(name: string, description: StreamDescription): Promise<void> {
    this.#lifecycle.assertOpen()
    this.#assertWritable()
    assertStreamName(name)
    const { title, labels } = checkedDescription(description)
    const record = await this.#meta().change(name, (old) => ({
      ...old,
      title: title ?? old.title,
      labels: labels ?? old.labels,
    }))
    await this.#members.take(name, record)
  }

  /** Every stream of the container, by name; on a clone, those that its meta database knows of. */
  async *list(wait: WaitOptions = {}): AsyncGenerator<StreamInfo, void, undefined> {
    this.#lifecycle.assertOpen()
    if (this.#root.meta === undefined) return
    for await (const [name, record] of this.#root.meta.list(wait)) {
      if (!this.#members.isWanted(name)) continue
      const { index, data, author } = await this.#members.take(name, record)
      const { type, title, labels } = record
      yield {
        name,
        type,
        title,
        labels: [...labels],
        key: b4a.from(index.key),
        author: author && b4a.from(author),
        bytes: index.byteLength + data.byteLength,
        length: data.length,
        indexLength: index.length,
        writable: data.writable,
      }
    }
  }

  /** A link to the whole container, or to one stream. Throws `STREAM_NOT_FOUND`. */
  async share(name: string | undefined, options: ShareOptions = {}): Promise<string> {
    this.#lifecycle.assertOpen()
    if (name === undefined) return shareContainer(this.#root, options)
    assertStreamName(name)
    const record = await this.#meta().get(name)
    if (record === undefined) throw streamNotFound(name)
    return this.#shareStream(name, record, options)
  }

  /**
   * Keys a stream of our own anew, and gives a fresh link to it. Who has a link that was given out before reads
   * what it was until now, and nothing newer, until something in the stream is forgotten: then older links open
   * nothing any more. The fresh link reads all. Who has the link to the whole container goes on reading. All that
   * the stream has is copied; what was open of it is closed, and is opened again by name. Throws `STREAM_NOT_FOUND`, `STREAM_NOT_OWN`, `CONTAINER_NOT_WRITABLE`.
   */
  async rekey(name: string, options: ShareOptions = {}): Promise<string> {
    this.#lifecycle.assertOpen()
    this.#assertWritable()
    assertStreamName(name)
    const record = await this.#open.exchange(name, () => rekeyStream(this.#parts, name))
    await this.#drops.record(name)
    return this.#shareStream(name, record, options)
  }

  /**
   * Makes every stream ready to be replicated: the logs of all of them are opened, and what was about to leave has
   * left. A multiplexer is given the container after this.
   */
  async prepare(): Promise<void> {
    this.#lifecycle.assertOpen()
    if (this.writable) await finishLettingGo(this.#parts)
    // Nobody is connected yet: what a sparse clone lacks of its list of streams comes with the peers that this lets in.
    await this.#members.takeAll({}).catch(ignoreUnavailable)
    this.#foreign.watch()
  }

  /**
   * Takes somebody's stream, by an opened link, under a name: it is read here, and replicates on. `reach` connects to a peer
   * that has it; `admit` may refuse it once its author is known. Throws `STREAM_NAME_TAKEN`, `STREAM_ATTACHED`, `STREAM_NAME_INVALID`, `CONTAINER_NOT_WRITABLE`, …
   */
  async attach(
    link: OpenedLink,
    name: string,
    reach: (id: Uint8Array) => Promise<void>,
    { onProgress, sparse = false, admit, ...wait }: FetchOptions & Pick<Finding, 'admit'> = {},
  ): Promise<void> {
    this.#lifecycle.assertOpen()
    assertStreamName(name)
    this.#assertWritable()
    const member = await this.#attachments().attach(name, { link, reach, admit, ...wait })
    const { unavailable } = this.#members
    await fetchStreams([member], { onProgress, sparse, unavailable, ...wait })
  }

  /** Lets an attached stream leave: connections stop replicating it at once, clones and hosts as they hear of it; `evict`: its blocks are dropped here. Throws `STREAM_NOT_FOUND`, `STREAM_NOT_ATTACHED`. */
  async detach(name: string, { evict = false }: DetachOptions = {}): Promise<void> {
    this.#lifecycle.assertOpen()
    assertStreamName(name)
    this.#assertWritable()
    await this.#attachments().detach(name, evict)
  }

  /** Drops the blocks of somebody's streams, those that `isMeant` names; they can be fetched again. */
  evictStreams(isMeant: (stream: ReplicableStream) => boolean): Promise<void> {
    return this.#members.evict(isMeant)
  }

  /** Ids of the attached streams that are open here. */
  get attachedIds(): readonly Uint8Array[] {
    return this.#members.attachedIds()
  }

  /**
   * Brings what is somebody else's to the newest state of the connected peers: a clone whole, elsewhere
   * the attached streams; unless `sparse`, with all their blocks. Resolves when they are here.
   */
  async update(options: FetchOptions = {}): Promise<void> {
    this.#lifecycle.assertOpen()
    await this.#foreign.update(options)
  }

  /**
   * Says which streams of a clone are wanted from now on, by name. Names that the peers' meta database does
   * not have are `STREAM_NOT_FOUND`, and nothing changes.
   */
  async want(names: readonly string[], wait: WaitOptions = {}): Promise<void> {
    this.#lifecycle.assertOpen()
    if (this.#origin === undefined)
      throw new TypeError('only a clone takes some streams and not others')
    await this.#root.follow(wait)
    await this.#root.whole?.stream.update(wait)
    for (const name of names) {
      if ((await this.#meta().get(name, wait)) === undefined) throw streamNotFound(name)
    }
    this.#origin = { ...this.#origin, names: [...names] }
    this.#members.origin = this.#origin
    await writeOrigin(this.#store, this.#origin)
  }

  /** Drops what the open streams do not retain, and tells hosts that cannot read. The store's `compact` comes after. */
  async compact(): Promise<void> {
    this.#lifecycle.assertOpen()
    await this.#open.compact()
    for (const name of this.#open.names) await this.#drops.record(name)
  }

  /**
   * Reads every block that is here, of every stream, and gives what is damaged: nothing, mostly. Fetches
   * nothing but what the meta database lacks.
   */
  async verify(wait: WaitOptions = {}): Promise<VerifyReport> {
    this.#lifecycle.assertOpen()
    return verifyAll(this.#root, this.#members, wait)
  }

  /** What each stream takes of this machine, the container's own first. Fetches nothing of them. */
  async usage(wait: WaitOptions = {}): Promise<StreamUsages> {
    this.#lifecycle.assertOpen()
    return usageOfAll(this.#root, this.#members, this.#open, wait)
  }

  close(): Promise<void> {
    return this.#lifecycle.close(async () => {
      await this.#open.close()
      await this.#drops.close()
      await this.#root.close()
      await this.#foreign.ended()
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #openStream<Api extends object, Options, R extends Requires>(
    name: string,
    definition: InterfaceDefinition<Api, Options, R>,
    options: Options | undefined,
    wait: WaitOptions,
  ): Promise<Stream<Api>> {
    const known = await this.#root.meta?.get(name, wait)
    if (known !== undefined && known.type !== definition.name) {
      throw typeMismatch(name, known.type, definition.name)
    }
    if (known === undefined) {
      if (!this.writable) throw streamNotFound(name)
      return this.#drops.watch(await createStream(this.#parts, name, definition, options))
    }
    const { data, index } = await this.#members.take(name, known)
    const alone = data.writable ? undefined : this.#members.alone.of(data.key)
    const onForget = this.writable ? () => letFormerGo(this.#parts, name) : undefined
    const kept = { alone, onForget }
    const stream = await openStream({ name, data, index, definition, options, ...kept, ...wait })
    // Somebody else's stream opens as far as it is on this disk; the peers may have told of more.
    if (!data.writable) await stream.update(wait).catch(ignoreUnavailable)
    return this.#drops.watch(stream)
  }

  /** Who hosts a stream alone goes by the stream's own roster. */
  async #shareStream(name: string, record: StreamRecord, options: ShareOptions): Promise<string> {
    const link = await shareStream(record, options)
    if (options.access !== 'blind' || !this.writable) return link
    const rostered = await withOwnRoster(this.#parts, name, record)
    await this.#drops.record(name)
    return shareStream(rostered, options)
  }

  #attachments(): Attachments {
    const { roster } = this.#root
    if (roster === undefined) throw notReady('its roster')
    const [store, members, open] = [this.#store, this.#members, this.#open]
    return new Attachments({ store, members, open, roster, meta: this.#meta() })
  }

  get #parts(): ContainerParts {
    const [store, members, root] = [this.#store, this.#members, this.#root]
    return { store, members, root, author: this.#author }
  }

  #assertWritable(): void {
    if (this.writable) return
    throw containerError(
      'CONTAINER_NOT_WRITABLE',
      'this datagram is a clone and only reads; only its author changes it',
    )
  }

  #meta(): MetaDatabase {
    const { meta } = this.#root
    if (meta !== undefined) return meta
    throw notReady('its meta database')
  }
}
