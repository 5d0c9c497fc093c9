import type { Transaction } from '@datagram/stream'
import { type Body, type BodyState, CELL_BYTES, readPart } from './content.ts'
import { cellKey, contentBounds, isPatchKey } from './fs-key.ts'

/**
 * Makes a file shorter; what its inode says then. What is cut off is forgotten, with all that ever lay in the
 * cells from there on.
 */
export async function forgetBehind(tx: Transaction, body: Body, size: number): Promise<BodyState> {
  const cell = Math.floor(size / CELL_BYTES)
  const rest = size - cell * CELL_BYTES
  const kept = rest > 0 ? await readPart(tx, body, { cell, start: 0, end: rest }) : undefined
  const bounds = contentBounds(body, cell)
  let { patches } = body
  for await (const key of tx.keys(bounds)) if (isPatchKey(key)) patches--
  await tx.forgetRange(bounds)
  if (kept !== undefined) tx.put(cellKey(body, cell), kept, { copy: false })
  return { size, patches }
}
