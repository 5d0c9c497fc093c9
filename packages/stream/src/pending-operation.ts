/** What a transaction has collected and not committed. Keys and bodies are its own copies, bodies whole. */
export type PendingOperation =
  | {
      readonly type: 'put'
      readonly space: number
      readonly key: Uint8Array
      readonly body: Uint8Array
    }
  | { readonly type: 'del'; readonly space: number; readonly key: Uint8Array }
  | {
      readonly type: 'object'
      readonly space: number
      readonly descriptor: number
      readonly body: Uint8Array
    }

/** Bytes of key and body. */
export function pendingBytes(operation: PendingOperation): number {
  const key = operation.type === 'object' ? 0 : operation.key.byteLength
  return operation.type === 'del' ? key : key + operation.body.byteLength
}
