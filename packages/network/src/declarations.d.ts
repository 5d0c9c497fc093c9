// What the network uses of hyperswarm and hyperdht, which ship no types. Narrow on purpose.

declare module 'hyperdht' {
  export default class DHT {
    constructor(options: {
      bootstrap?: readonly { readonly host: string; readonly port: number }[]
      host?: string
    })
    destroy(): Promise<void>
  }
}

declare module 'hyperswarm' {
  import type { Duplex } from 'node:stream'
  import type DHT from 'hyperdht'

  interface Discovery {
    flushed(): Promise<boolean>
  }
  export interface SwarmConnection extends Duplex {
    readonly isInitiator: boolean
  }
  export default class Hyperswarm {
    constructor(options: { dht: DHT; maxPeers: number })
    on(event: 'connection', listener: (connection: SwarmConnection) => void): this
    join(topic: Uint8Array, options: { server: boolean; client: boolean }): Discovery
    destroy(options?: { force: boolean }): Promise<void>
  }
}
