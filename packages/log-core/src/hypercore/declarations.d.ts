// What log-core uses of packages that ship no types. Narrow on purpose: what is not here is not used.

declare module 'flat-tree' {
  /** Goes from node to node of a Merkle tree. */
  export interface FlatIterator {
    readonly index: number
  }
  const flat: { iterator(index: number): FlatIterator }
  export default flat
}

declare module 'hypercore' {
  import type { EventEmitter } from 'node:events'
  import type { FlatIterator } from 'flat-tree'

  interface RemotePeer {
    readonly protomux: {
      readonly stream: {
        readonly rawBytesRead: number
        readonly rawStream?: { readonly bytesIn?: number }
      }
    }
    /** The key that the peer has shown in the handshake of the connection. */
    readonly remotePublicKey: Uint8Array | null | undefined
    readonly remoteLength: number
    readonly remoteContiguousLength: number
    readonly remoteSynced: boolean
    /** How many requests it has not answered yet. */
    readonly inflight: number
    readonly _remoteContiguousLength: number
    readonly remoteBitfield: {
      setRange(start: number, end: number, value: boolean): void
      firstSet(start: number): number
    }
    onrange: (range: { drop: boolean; start: number; length: number }) => Promise<void>
    onrequest: (request: {
      hash: { index: number } | null
      upgrade: { start: number; length: number } | null
    }) => Promise<void>
    onsync: (sync: { length: number; remoteLength: number; allowPush: boolean }) => Promise<void>
    onbitfield: (message: { start: number; bitfield: Uint32Array }) => void
    onwant: (range: { start: number; length: number }) => void
    readonly stats: {
      readonly wireBitfield: { readonly rx: number }
      readonly wireData: { readonly rx: number }
    }
    _remoteHasBlock(index: number): boolean
    _maybeWant(
      index: number,
      holder: { addWant(want: object): void; removeWant(want: object): void },
    ): void
  }
  interface Hints {
    readonly contiguousLength: number
    readonly remoteContiguousLength: number
    readonly recovering?: number
  }
  interface WriteBatch {
    deleteTreeNode(index: number): void
    setHead(head: unknown): void
    setHints(hints: Hints): void
  }
  /** The Merkle tree of a log while blocks are added to it. */
  interface TreeBatch {
    readonly length: number
    append(block: Uint8Array): void
    appendRoot(
      node: { readonly index: number; readonly size: number; readonly hash: Uint8Array },
      iterator: FlatIterator,
    ): void
  }
  interface Replicator {
    readonly peers: readonly RemotePeer[]
    attached(muxer: object): boolean
    attachTo(muxer: object): void
    detachFrom(muxer: object): void
    /** Asks a peer for what is wanted, also for blocks that others were asked for already. */
    updatePeer(peer: RemotePeer): void
  }
  interface StorageRead {
    getBlock(index: number): Promise<Uint8Array | null>
    getBitfieldPage(index: number): Promise<Uint8Array | null>
    getTreeNode(index: number): Promise<{ hash: Uint8Array; size: number } | null>
    tryFlush(): void
  }
  interface SessionState {
    readonly storage: { read(): StorageRead }
    createWriteBatch(): WriteBatch
    createTreeBatch(): TreeBatch
    hash(): Uint8Array
  }
  interface Core {
    readonly bitfield: {
      get(index: number): boolean
      firstSet(start: number): number
      firstUnset(start: number): number
      hasSet(start: number, length: number): boolean
      /** The page that the bit lies in. */
      getBitfield(index: number): { readonly bitfield: Uint32Array } | null
    }
    readonly replicator: Replicator
    checkConflict(proof: object, from: RemotePeer): Promise<boolean>
    readonly header: {
      readonly key: Uint8Array
      readonly hints: Hints
      /** What was signed last. */
      readonly tree: { readonly length: number; readonly rootHash: Uint8Array | null }
    }
    hintsChanged: boolean
    flushHints(): Promise<void>
  }
  interface GetOptions {
    wait?: boolean
    raw?: boolean
    activeRequests?: unknown[]
  }
  export default class Hypercore extends EventEmitter {
    readonly key: Uint8Array
    readonly discoveryKey: Uint8Array
    readonly length: number
    readonly byteLength: number
    readonly fork: number
    readonly writable: boolean
    readonly peers: readonly RemotePeer[]
    readonly core: Core
    readonly state: SessionState
    ready(): Promise<void>
    get(index: number, options?: GetOptions): Promise<Uint8Array | null>
    has(start: number, end?: number): Promise<boolean>
    append(blocks: Uint8Array[]): Promise<{ length: number; byteLength: number }>
    clear(start: number, end: number): Promise<void>
    update(options?: { wait?: boolean; activeRequests?: unknown[] }): Promise<boolean>
    close(): Promise<void>
    /** Messages of our own on the log's channel, by a name; a peer that does not know it passes over them. */
    registerExtension(
      name: string,
      handlers: { encoding: object; onmessage: (message: unknown, peer: RemotePeer) => void },
    ): { send(message: unknown, peer: RemotePeer): void }
    static clearRequests(activeRequests: unknown[], error: Error | null): void
    static treeHashFromStorage(core: Hypercore, length: number): Promise<Uint8Array>
  }
}

declare module 'hypercore-storage' {
  /** Reads that are made together. */
  export interface EngineRead {
    get(key: Uint8Array): Promise<Uint8Array | null>
    tryFlush(): void
    destroy(): void
  }
  /** Writes that are made together. */
  export interface EngineWrite {
    flush(): Promise<void>
    destroy(): void
  }
  /** A view of a database; those made from one share the database. */
  export interface EngineSession {
    readonly _state: { removeSession(session: EngineSession): void }
    ready(): Promise<void>
    read(options?: object): EngineRead
    write(options?: object): EngineWrite
    iterator(range?: object, options?: object): object
    session(options?: object): EngineSession
    close(): Promise<void>
  }
  interface RocksDB extends EngineSession {
    flush(): Promise<void>
  }
  export interface StorageOptions {
    blobGarbageCollectionAgeCutOff?: number
    blobFileSize?: number
    writeBufferSize?: number
    walRecoveryMode?: number
    readOnly?: boolean
  }
  export default class HypercoreStorage {
    constructor(directory: string, options?: StorageOptions)
    readonly rocks: RocksDB
    readonly db: RocksDB
    readonly deviceFile: { ready(): Promise<void> }
    hasCore(discoveryKey: Uint8Array): Promise<boolean>
    compact(options: {
      blobGarbageCollectionAgeCutoff: number
      bottommostLevelCompaction: number
    }): Promise<void>
    close(): Promise<void>
    _maybeRecoverLater: (error: Error) => void
    _maybeRecover: (view: object) => Promise<void>
  }
}

declare module 'corestore' {
  import type Hypercore from 'hypercore'
  import type HypercoreStorage from 'hypercore-storage'

  interface KeyPair {
    publicKey: Uint8Array
    secretKey: Uint8Array
  }
  export default class Corestore {
    constructor(storage: HypercoreStorage, options?: { manifestVersion?: number })
    ready(): Promise<void>
    get(options: {
      keyPair?: KeyPair
      key?: Uint8Array
      inflightRange?: [number, number]
      allowFork?: boolean
      writable?: boolean
    }): Hypercore
    close(): Promise<void>
  }
}

declare module 'fd-lock' {
  export default class FDLock {
    constructor(fd: number, options?: { wait?: boolean })
    ready(): Promise<void>
    close(): Promise<void>
  }
}

declare module 'sodium-native' {
  interface Sodium {
    readonly crypto_pwhash_OPSLIMIT_INTERACTIVE: number
    readonly crypto_pwhash_MEMLIMIT_INTERACTIVE: number
    readonly crypto_pwhash_OPSLIMIT_MODERATE: number
    readonly crypto_pwhash_MEMLIMIT_MODERATE: number
    readonly crypto_pwhash_OPSLIMIT_SENSITIVE: number
    readonly crypto_pwhash_MEMLIMIT_SENSITIVE: number
    readonly crypto_pwhash_ALG_ARGON2ID13: number
    randombytes_buf(out: Uint8Array): void
    sodium_memzero(buffer: Uint8Array): void
    sodium_memcmp(a: Uint8Array, b: Uint8Array): boolean
    crypto_generichash_batch(out: Uint8Array, inputs: Uint8Array[], key?: Uint8Array): void
    crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void
    crypto_pwhash_async(
      out: Uint8Array,
      password: Uint8Array,
      salt: Uint8Array,
      opsLimit: number,
      memLimit: number,
      algorithm: number,
      callback: (error: Error | null) => void,
    ): void
    crypto_aead_xchacha20poly1305_ietf_encrypt_detached(
      cipher: Uint8Array,
      mac: Uint8Array,
      message: Uint8Array,
      associated: Uint8Array | null,
      secretNonce: null,
      nonce: Uint8Array,
      key: Uint8Array,
    ): number
    crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
      message: Uint8Array,
      secretNonce: null,
      cipher: Uint8Array,
      mac: Uint8Array,
      associated: Uint8Array | null,
      nonce: Uint8Array,
      key: Uint8Array,
    ): void
  }
  const sodium: Sodium
  export default sodium
}

declare module 'hypercore-crypto' {
  const crypto: {
    keyPair(seed?: Uint8Array): { publicKey: Uint8Array; secretKey: Uint8Array }
    data(block: Uint8Array): Uint8Array
    discoveryKey(key: Uint8Array): Uint8Array
    sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array
    verify(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean
  }
  export default crypto
}
