// What the tests use of hyperdht, which ships no types.

declare module 'hyperdht/testnet.js' {
  export default function createTestnet(size: number): Promise<{
    readonly bootstrap: readonly { readonly host: string; readonly port: number }[]
    destroy(): Promise<void>
  }>
}
