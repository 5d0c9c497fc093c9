import { ContainerKeys } from '../src/container-key.ts'
import { HiddenKeys } from '../src/hidden-keys.ts'
import { openContainer } from '../src/sealed-piece.ts'
import { ALICE, STORAGE_KEY } from './chat-world.ts'

/**
 * All that opens with the key, wherever in `stored` it lies: first pieces of Alice's chunks with Bob that
 * begin at one of these times, and of their words.
 */
export function everyPiece(stored: readonly Uint8Array[], timestamps: readonly number[]): string {
  const keys = new ContainerKeys('strict', 'signature')
  const conversation = keys.conversation('bob.eth')
  const chunkKeys = timestamps.map((timestamp) => keys.chunk(conversation, { id: 0, timestamp }))
  const hidden = new HiddenKeys(STORAGE_KEY, ALICE.account)
  chunkKeys.push(...chunkKeys.map((key) => hidden.of('words', key)))
  const found: string[] = []
  for (const bytes of stored) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = 0; at + 45 <= bytes.byteLength; at++) {
      const end = at + 4 + view.getUint32(at, true)
      if (bytes[at + 4] !== 1 || end > bytes.byteLength) continue
      for (const key of chunkKeys) found.push(...opened(key, bytes.subarray(at, end)))
    }
  }
  return found.join('\n')
}

function opened(key: string, piece: Uint8Array): string[] {
  try {
    const { contents } = openContainer(STORAGE_KEY, key, piece)
    return contents.map((content) => Buffer.from(content).toString())
  } catch {
    // No piece of this chunk begins here.
    return []
  }
}
