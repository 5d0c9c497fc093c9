import type { Chat, ChatOptions } from '@datagram/chat-storage'
import { chatInterface } from '@datagram/chat-storage/stream'
import {
  type Container,
  type ContainerDescription,
  describedContainer,
  type DescribeOptions,
  type DetachOptions,
  openLink,
  type ShareOptions,
  type StreamDescription,
  type StreamInfo,
  streamNotFound,
  type VerifyReport,
} from '@datagram/container'
import { type DatagramFs, fsInterface, type FsOptions } from '@datagram/fs-interface'
import {
  type AnyEncoding,
  type AnyKvOptions,
  type Encoded,
  type Kv,
  type KvOptions,
  kvInterface,
} from '@datagram/kv-interface'
import {
  Lifecycle,
  type Password,
  type PasswordStrength,
  type Store,
  type WaitOptions,
} from '@datagram/log-core'
import type { Connection, MultiplexerOptions, PolicySubject } from '@datagram/multiplexer'
import type { Swarm, SwarmOptions } from '@datagram/network'
import { type Objects, objectsInterface } from '@datagram/object-store'
import {
  type InterfaceDefinition,
  type ObjectStream,
  type Requires,
  streamInterface,
} from '@datagram/stream'
import type { AttachOptions, UpdateOptions } from './attach-options.ts'
import { Connectable } from './connectable.ts'
import { Connections } from './connections.ts'
import type { Progress } from './fetch-pace.ts'
import type { DatagramStats } from './datagram-stats.ts'
import type { DatagramUsage } from './datagram-usage.ts'
import { Moderation } from './moderation.ts'
import { type FetchSources, pacedFetch } from './paced-fetch.ts'
import { type Progressing, progressing } from './progressing.ts'
import { assertAddresses } from './reach-any.ts'
import { reachSwarm } from './reach-swarm.ts'
import { StreamReach } from './stream-reach.ts'

/** Options of {@link Datagram.join}. */
export interface JoinOptions extends SwarmOptions {
  /** Names of streams whose own links lead here too. */
  readonly streams?: readonly string[] | undefined
}

/**
 * A person's data: streams by name, in one folder. Made by `openDatagram` and `cloneDatagram`.
 *
 * Every method throws `CONTAINER_CLOSED` after {@link close}.
 */
export class Datagram extends Connectable {
  readonly #store: Store
  readonly #container: Container
  readonly #connections: Connections
  /** Marks on streams and authors, one's own and those of others that are honoured here. */
  readonly moderation: Moderation
  readonly #lifecycle: Lifecycle

  constructor(store: Store, container: Container, options: MultiplexerOptions) {
    const connections = new Connections(container, options)
    const lifecycle = new Lifecycle('the datagram', 'CONTAINER_CLOSED')
    super(connections, lifecycle)
    this.#store = store
    this.#container = container
    this.#connections = connections
    this.#lifecycle = lifecycle
    const { policies } = this.#connections.multiplexer
    this.moderation = new Moderation({ container, store, policies, logger: options.logger })
    this.#connections.wantFromStrangers(() => (container.writable ? container.attachedIds : []))
    this.#lifecycle.opened()
  }

  /**
   * Public key of who makes the streams of this datagram, 32 bytes: readers of a stream know its author by it. Undefined
   * where streams are to name nobody (`authorKey: 'none'`), and on a clone of a datagram that an older version made.
   */
  get authorKey(): Uint8Array | undefined {
    return this.#container.authorKey
  }

  /** Whether streams can be created and written here; a clone only reads. */
  get writable(): boolean {
    return this.#container.writable
  }

  /**
   * The ordered key/value store under `name`, created on first open. Keys and values are UTF-8 strings
   * unless the options say otherwise. Throws as {@link open}.
   */
  kv<KE extends AnyEncoding = 'utf8', VE extends AnyEncoding = 'utf8'>(
    name: string,
    options?: {
      readonly keyEncoding?: KE | undefined
      readonly valueEncoding?: VE | undefined
      readonly retain?: KvOptions['retain']
    },
  ): Promise<Kv<Encoded<KE>, Encoded<VE>>>
  /** As above, with the types of keys and values said outright: for `json`, whose type only you know. */
  kv<K, V>(name: string, options?: KvOptions<K, V>): Promise<Kv<K, V>>
  kv(name: string, options?: AnyKvOptions): Promise<Kv> {
    return this.open(name, kvInterface, options)
  }

  /**
   * The files under `name`, created on first open: Node's `fs`, with promises, callbacks and streams. Throws
   * as {@link open}.
   */
  fs(name: string, options?: FsOptions): Promise<DatagramFs> {
    return this.open(name, fsInterface, options)
  }

  /**
   * The store of blobs and versioned objects under `name`, created on first open. Throws as {@link open}.
   */
  objects(name: string): Promise<Objects> {
    return this.open(name, objectsInterface)
  }

  /**
   * The chats under `name`, created on first open: the conversations of one account, in encrypted
   * containers. Throws as {@link open}, and as `openChat` of `@datagram/chat-storage`.
   */
  chat(name: string, options: ChatOptions): Promise<Chat> {
    return this.open(name, chatInterface, options)
  }

  /**
   * The stream of objects under `name`, created on first open: objects of any types, described by
   * `defineDescriptor` or the built-in types. Throws as {@link open}.
   */
  stream(name: string): Promise<ObjectStream> {
    return this.open(name, streamInterface)
  }

  /**
   * The stream under `name` through its interface, created on first open. The same name gives the same
   * handle. Throws `STREAM_TYPE_MISMATCH` (it is of another type), `STREAM_NOT_FOUND` (a clone does not
   * have it), `STREAM_NAME_INVALID`, and what the interface throws.
   */
  open<Api extends object, Options, R extends Requires>(
    name: string,
    definition: InterfaceDefinition<Api, Options, R>,
    options?: Options,
  ): Promise<Api> {
    return this.#container.open(name, definition, options)
  }

  /** Sets title and labels of a stream; what is not given stays. Throws `STREAM_NOT_FOUND`. */
  describe(name: string, description: StreamDescription): Promise<void> {
    return this.#container.describe(name, description)
  }

  /**
   * What there is here as one object of the built-in type `ContainerDescriptor`, for people and for other
   * programs; with its links when they are asked for, and then it is as secret as they are.
   */
  async descriptor(options: DescribeOptions): Promise<ContainerDescription> {
    return describedContainer(this.#container, options)
  }

  /** Every stream, by name. */
  streams(options?: WaitOptions): AsyncGenerator<StreamInfo, void, undefined> {
    return this.#container.list(options)
  }

  /** A link to the whole datagram. */
  share(options?: ShareOptions): Promise<string>
  /** A link to one stream. Throws `STREAM_NOT_FOUND`. */
  share(name: string, options?: ShareOptions): Promise<string>
  async share(...args: readonly [(string | ShareOptions)?, ShareOptions?]): Promise<string> {
    const [first, options] = args
    if (typeof first === 'string') return this.#container.share(first, options)
    // A name that came out undefined must not hand out everything.
    if (args.length > 0 && (typeof first !== 'object' || first === null)) {
      throw new TypeError('share() takes the name of a stream, options, or nothing for everything')
    }
    return this.#container.share(undefined, first)
  }

  /**
   * Keys a stream of one's own anew, and gives a fresh link to all of it; older links to it read what it was until
   * now, and nothing newer, and from when something in it is forgotten they open nothing (`STREAM_DECLINED`). Everything
   * is copied; what was open of it is closed, and is opened again by its name.
   * Throws `STREAM_NOT_FOUND`, `STREAM_NOT_OWN` (it was attached), `CONTAINER_NOT_WRITABLE`.
   */
  rekey(name: string, options?: ShareOptions): Promise<string> {
    return this.#container.rekey(name, options)
  }

  /**
   * Joins Hyperswarm, to find those who know this datagram and be found by them, across the internet and without
   * an address; resolves when this side is announced, and stays until the result or the datagram is closed.
   * `streams`: names of streams whose own links lead here too. Throws `SWARM_UNREACHABLE`, `STREAM_NOT_FOUND`.
   */
  async join({ streams = [], ...options }: JoinOptions = {}): Promise<Swarm> {
    this.#lifecycle.assertOpen()
    const keys = [this.#container.root.key]
    const named = new Set(streams)
    if (named.size > 0) {
      for await (const { name, key } of this.streams()) if (named.delete(name)) keys.push(key)
    }
    const [missing] = named
    if (missing !== undefined) throw streamNotFound(missing)
    return this.#connections.join(keys, options)
  }

  /** Connects through Hyperswarm to somebody who has this datagram; throws `CLONE_NO_PEER`. */
  async reachRoot(options: SwarmOptions): Promise<void> {
    this.#lifecycle.assertOpen()
    const { signal, timeoutMs } = options
    const ask = (peer: Connection) => peer.rootAgreed({ signal, timeoutMs })
    await reachSwarm(this.#connections, this.#container.root.key, ask, options)
  }

  /**
   * Brings a clone to the newest state that the connected peers have; unless `sparse`, with all its blocks.
   * A peer that is a clone too may have heard of a newer state, which counts once it has it. Throws
   * `WAIT_TIMEOUT` and `BLOCK_UNAVAILABLE` when no state is within reach as a whole. On one's own datagram there
   * is nothing to do. What it returns can also be iterated: it then gives how far it is.
   */
  update(options: UpdateOptions = {}): Progressing<void, Progress> {
    return progressing((report) =>
      this.#container.update(pacedFetch(this.#sources, options, report)),
    )
  }

  /**
   * Takes somebody's stream, by its link, into this datagram under a name of its own: it is read here,
   * and replicates on. `connect`: addresses of peers that have it, any of which will do.
   *
   * Throws `LINK_DAMAGED`, `LINK_IS_BLIND`, `LINK_PASSWORD_REQUIRED`, `LINK_PASSWORD_WRONG`,
   * `STREAM_NAME_TAKEN`, `STREAM_ATTACHED`, `CONTAINER_NOT_WRITABLE`, `CLONE_NO_PEER`, `STREAM_DECLINED`,
   * `STREAM_FORBIDDEN` (it or its author is marked in a list that is honoured here), `WAIT_TIMEOUT`.
   */
  async attach(
    link: string,
    { name, connect, bootstrap, linkPassword, ...options }: AttachOptions,
  ): Promise<void> {
    this.#lifecycle.assertOpen()
    assertAddresses(connect)
    const opened = await openLink(link, linkPassword)
    const reach = new StreamReach(this.#connections, opened.key, { connect, bootstrap, ...options })
    try {
      const found = (id: Uint8Array) => reach.reach(id)
      const admit = (stream: PolicySubject) => this.moderation.assertAllowed(stream)
      const fetching = { ...pacedFetch(this.#sources, options), admit }
      await this.#container.attach(opened, name, found, fetching)
    } finally {
      reach.end()
    }
  }

  /**
   * Lets an attached stream leave: it is replicated no more, on live connections from now on, and clones and hosts
   * of this datagram let it go as they hear of it. With `evict` its blocks are dropped here as well; `compact` then gives
   * their bytes back to the disk. `attach` takes it again. Throws `STREAM_NOT_FOUND`, `STREAM_NOT_ATTACHED`,
   * `CONTAINER_NOT_WRITABLE`.
   */
  async detach(name: string, options?: DetachOptions): Promise<void> {
    this.#lifecycle.assertOpen()
    await this.#container.detach(name, options)
  }

  /**
   * What the datagram takes of the disk: all its files together, and of each stream what its blocks take that are
   * here. What the files have beyond the blocks is the engine's own, and what {@link compact} gives back.
   */
  async usage(wait?: WaitOptions): Promise<DatagramUsage> {
    this.#lifecycle.assertOpen()
    const streams = await this.#container.usage(wait)
    return { ...(await this.#store.usage()), streams }
  }

  /**
   * Reads every block that is here, of every stream, and gives what is damaged: `problems` is empty when all
   * is well. A damaged block is brought back by dropping it and fetching it from a peer.
   */
  verify(wait?: WaitOptions): Promise<VerifyReport> {
    return this.#container.verify(wait)
  }

  /** Drops what the open streams do not retain, and gives the bytes of all that was dropped back to the disk. */
  async compact(): Promise<void> {
    this.#lifecycle.assertOpen()
    await this.#container.compact()
    return this.#store.compact()
  }

  /** Sets, changes or (undefined) removes the password; the data is not encrypted again. */
  async setPassword(next: Password | undefined, strength?: PasswordStrength): Promise<void> {
    this.#lifecycle.assertOpen()
    return this.#store.setPassword(next, strength)
  }

  stats(): DatagramStats {
    this.#lifecycle.assertOpen()
    return {
      streams: this.#container.streams().length,
      connections: this.#connections.count,
      wire: this.#connections.wire,
    }
  }

  /** Ends the connections, closes the streams and the store; idempotent. */
  close(): Promise<void> {
    return this.#lifecycle.close(async () => {
      this.moderation.close()
      try {
        await this.#connections.close()
      } finally {
        // The folder must not stay locked, whatever a connection did.
        await this.#container.close().finally(() => this.#store.close())
      }
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #sources(): FetchSources {
    return { connections: this.#connections, moderation: this.moderation }
  }
}
