// What the multiplexer uses of packages that ship no types. Narrow on purpose: what is not here is not
// used. Names that begin with _ are private there; both packages are pinned exactly, and
// test/containment.test.ts fails when one of these changes.

declare module 'protomux' {
  export interface MuxState {
    start: number
    end: number
    buffer: Uint8Array
  }
  export interface MessageEncoding<T> {
    preencode(state: MuxState, value: T): void
    encode(state: MuxState, value: T): void
    decode(state: MuxState): T
  }
  export interface MuxMessage<T> {
    send(value: T): boolean
  }
  export interface MessageOptions<T> {
    encoding: MessageEncoding<T>
    onmessage(value: T): unknown
  }
  export interface ChannelFilter {
    protocol: string
    id?: Uint8Array | null
  }
  export interface ChannelOptions extends ChannelFilter {
    handshake?: MessageEncoding<Uint8Array>
    messages?: readonly MessageOptions<unknown>[]
    onopen(...values: unknown[]): void | Promise<void>
    onclose(...values: unknown[]): void | Promise<void>
    ondrain(...values: unknown[]): void | Promise<void>
  }
  export interface MuxChannel {
    readonly opened: boolean
    readonly closed: boolean
    readonly messages: readonly { onmessage: (...values: unknown[]) => unknown }[]
    open(handshake?: Uint8Array): void
    close(): void
    fullyOpened(): Promise<boolean>
    fullyClosed(): Promise<void>
    /** Without options the number is passed over. */
    addMessage<T>(options: MessageOptions<T> | null): MuxMessage<T>
  }
  export default class Protomux {
    constructor(stream: object)
    readonly stream: { destroy(error?: Error): void; readonly opened: Promise<unknown> }
    readonly drained: boolean
    _destroying: boolean
    _remote: readonly unknown[]
    createChannel(options: ChannelOptions): MuxChannel | null
    getLastChannel(filter: ChannelFilter): MuxChannel | null
    pair(filter: ChannelFilter, notify: (id: Uint8Array) => void | Promise<void>): void
    cork(): void
    uncork(): void
    _onopensession(state: MuxState): Promise<void> | null
    _safeDestroy(error: Error): void
    _warn(error: Error): void
  }
}

declare module '@hyperswarm/secret-stream' {
  export interface NoiseKeyPair {
    readonly publicKey: Uint8Array
    readonly secretKey: Uint8Array
  }
  export interface NoiseOptions {
    keyPair?: NoiseKeyPair
    keepAlive?: number
    enableSend?: boolean
  }
  export default class NoiseSecretStream {
    constructor(isInitiator: boolean, rawStream: object, options?: NoiseOptions)
    static keyPair(): NoiseKeyPair
    readonly isInitiator: boolean
    readonly remotePublicKey: Uint8Array | null
    readonly handshakeHash: Uint8Array | null
    readonly destroying: boolean
    readonly opened: Promise<boolean>
    on(event: 'connect' | 'close', listener: () => void): this
    on(event: 'error', listener: (error: Error) => void): this
    write(data: Uint8Array): boolean
    push(data: Uint8Array | null): boolean
    end(): void
    destroy(error?: Error): void
  }
}
