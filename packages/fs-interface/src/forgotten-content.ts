import type { Transaction } from '@datagram/stream'
import { type Body, type BodyState, CELL_BYTES, partsOf, readPart } from './content.ts'
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

/**
 * Writes `bytes` at `position` of a file; what its inode says then. What was there before is forgotten, with all that ever
 * lay in the cells that the bytes lie in; what else is in these is kept.
 */
export async function writeForgetting(
  tx: Transaction,
  body: Body,
  bytes: Uint8Array,
  position: number,
): Promise<BodyState> {
  const end = position + bytes.byteLength
  let { patches } = body
  for (const part of partsOf(position, end)) {
    const { cell } = part
    const first = cell * CELL_BYTES
    const had = Math.min(CELL_BYTES, Math.max(0, body.size - first))
    const content = new Uint8Array(Math.max(had, part.end))
    if (had > 0)
      await readPart(tx, body, { cell, start: 0, end: had }, { into: content.subarray(0, had) })
    const from = first + part.start - position
    content.set(bytes.subarray(from, from + part.end - part.start), part.start)
    const bounds = { gte: cellKey(body, cell), lt: cellKey(body, cell + 1) }
    for await (const key of tx.keys(bounds)) if (isPatchKey(key)) patches--
    await tx.forgetRange(bounds)
    tx.put(cellKey(body, cell), content, { copy: false })
  }
  return { size: Math.max(body.size, end), patches }
}
