/** Options of reads that may wait, as everywhere in Datagram. */
export interface WaitOptions {
  /** Ends the wait; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds until a backend that waits for others gives up; others ignore it. */
  readonly timeoutMs?: number | undefined
}

/** One change of what a backend stores. Keys are '0x' and 64 lower-case hexadecimal digits. */
export type BackendChange =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  /** `value` is to follow what is stored under `key`. `piece`: how often that was put or appended to. */
  | {
      readonly type: 'append'
      readonly key: string
      readonly value: Uint8Array
      readonly piece: number
    }
  /** Takes the key away; one that is not there is no error. */
  | { readonly type: 'delete'; readonly key: string }

/** How a change is made. */
export interface ChangeOptions {
  /**
   * `forget`: when the call resolves, nothing of what the changes replaced or took away is left in what the
   * backend stores. Default `keep`: it may stay, for as long as the backend likes.
   */
  readonly previous?: 'keep' | 'forget' | undefined
}

/**
 * Where a chat keeps its containers: opaque keys, opaque bytes. Calls of one chat do not overlap.
 *
 * What it throws without a code becomes `CHAT_BACKEND_FAILED`. `backendCases` shows whether one does what
 * is asked of it.
 */
export interface ChatBackend {
  /** Whether it takes changes of type `append`. */
  readonly appends: boolean
  /** Whether somebody else alone writes what it shows; absent: no. */
  readonly isReadOnly?: boolean
  /** What is stored under `key`, with all that was appended to it; the receiver's to keep. */
  get(key: string, options?: WaitOptions): Promise<Uint8Array | undefined>
  /**
   * Makes all changes or none, also when the process dies meanwhile; no key comes twice. When it rejects,
   * reads show what was there before.
   */
  putMany(changes: readonly BackendChange[], options?: ChangeOptions): Promise<void>
  /** Every key that is stored, each once, in any order. */
  list(): AsyncIterable<string>
  /** Changes whenever somebody else may have changed what is stored; absent where nobody can. */
  revision?(): unknown
  /**
   * Changes whenever what is stored under `key` does, and reads little; undefined where nothing is. Absent where
   * nobody else can change it.
   */
  version?(key: string, options?: WaitOptions): Promise<string | undefined>
  /**
   * Gives something each time when somebody else may have changed what is stored, from the call on. Ends by
   * throwing the signal's reason, or why no more can come. Absent where nobody else can.
   */
  news?(signal: AbortSignal): AsyncIterable<void>
  /** Lets go of what it holds; idempotent. */
  close?(): Promise<void>
}
