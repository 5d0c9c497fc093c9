/// <reference path="./declarations.d.ts" />
import type Hypercore from 'hypercore'
import type { BlockCipher } from '../block-cipher.ts'
import { envelope } from '../envelope.ts'
import type { Stamp } from '../stamp.ts'
import { readLocalBlocks } from './local-blocks.ts'

/** Stamp of a log's newest block, when it is here and opens; the store's clock goes on after it. */
export async function lastStamp(
  core: Hypercore,
  cipher: BlockCipher | null,
): Promise<Stamp | undefined> {
  if (core.length === 0) return undefined
  const index = core.length - 1
  const [sealed = null] = await readLocalBlocks(core, [index])
  const opened = sealed !== null && cipher !== null ? cipher.open(index, sealed) : sealed
  if (!opened) return undefined
  return envelope.decode({ start: 0, end: opened.byteLength, buffer: opened }).stamp
}
