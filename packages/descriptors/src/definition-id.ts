import { createHash } from 'node:crypto'
import type { Definition } from './definition.ts'
import { encodeNormalised } from './definition-codec.ts'

/** The 32 bytes that name a definition: the SHA-256 of its encoding. */
export function definitionId(definition: Definition): Uint8Array {
  return new Uint8Array(createHash('sha256').update(encodeNormalised(definition)).digest())
}
