import { ContainerKeys } from '../src/container-key.ts'
import { HiddenKeys } from '../src/hidden-keys.ts'
import { openContainer } from '../src/sealed-piece.ts'
import { ALICE, STORAGE_KEY } from './chat-world.ts'

/** Keys of the first chunk of Alice's conversation with a contact, whose first message has this time, and of its words. */
export function firstChunkKeys(contact: string, timestamp: number): string[] {
  const keys = new ContainerKeys('strict', 'signature')
  const chunk = keys.chunk(keys.conversation(contact), { id: 0, timestamp })
  return [chunk, new HiddenKeys(STORAGE_KEY, ALICE.account).of('words', chunk)]
}

/**
 * All that opens with the key, wherever in `stored` it lies: first pieces of Alice's chunks with Bob that
 * begin at one of these times, and of their words.
 */
export function everyPiece(stored: readonly Uint8Array[], timestamps: readonly number[]): string {
  const chunkKeys = timestamps.flatMap((timestamp) => firstChunkKeys('bob.eth', timestamp))
  return stored.map((bytes) => firstPieces(bytes, chunkKeys)).join('\n')
}

/** All that opens with Alice's key, wherever in these bytes it lies: first pieces of the chunks with these keys. */
export function firstPieces(bytes: Uint8Array, chunkKeys: readonly string[]): string {
  const found: string[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at + 45 <= bytes.byteLength; at++) {
    const end = at + 4 + view.getUint32(at, true)
    if (bytes[at + 4] !== 1 || end > bytes.byteLength) continue
    for (const key of chunkKeys) found.push(...opened(key, bytes.subarray(at, end)))
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
