declare module '@hyperswarm/secret-stream' {
  import type { Duplex } from 'node:stream'
  export default class NoiseSecretStream extends Duplex {
    constructor(isInitiator: boolean)
    readonly rawStream: Duplex
    readonly opened: Promise<boolean>
  }
}

declare module 'protomux' {
  export default class Protomux {
    constructor(stream: object)
    readonly stream: { readonly opened: Promise<boolean> }
    getLastChannel(filter: object): { close(): void } | null
  }
}
