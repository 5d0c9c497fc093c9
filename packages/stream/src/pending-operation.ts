import type { Forgetting } from './forgetting-operation.ts'

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
  | {
      readonly type: 'revision'
      readonly space: number
      readonly n: number
      readonly descriptor: number
      readonly body: Uint8Array
    }
  | (Exclude<Forgetting, { type: 'moved' }> & { readonly space: number })
  | {
      readonly type: 'moved'
      readonly space: number
      /** Block of the frame. */
      readonly block: number
      /** The payload that stands for it. */
      readonly payload: Uint8Array
    }

/** Bytes of key and body. */
export function pendingBytes(operation: PendingOperation): number {
  if (operation.type === 'forget-range') {
    return operation.from.byteLength + (operation.to?.byteLength ?? 0)
  }
  const key = 'key' in operation ? operation.key.byteLength : 0
  if ('payload' in operation) return operation.payload.byteLength
  return 'body' in operation ? key + operation.body.byteLength : key
}
