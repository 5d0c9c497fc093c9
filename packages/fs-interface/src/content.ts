import type { EntryReader, Transaction, WaitOptions } from '@datagram/stream'
import {
  cellKey,
  contentBounds,
  type InodeId,
  isPatchKey,
  patchBounds,
  patchKey,
  type PatchPlace,
  patchPlace,
} from './fs-key.ts'
import type { Inode } from './inode.ts'

/** Bytes of a cell: content is cut into cells at multiples of this. One block of the data log. */
export const CELL_BYTES = 256 * 1024
/** A cell up to this many bytes is written anew as a whole, whatever part of it changes. */
const REWRITE_BYTES_MAX = 8 * 1024
/** Patches of a cell before it is written anew as a whole: bounds what a read puts together. */
const PATCHES_MAX = 16
const uncopied = { copy: false }
// Cells that one read has on their way at a time: 4 MiB.
const CELLS_AT_ONCE = 16

/** Whose content, and how much of it there is. */
export type Body = InodeId & Pick<Inode, 'size' | 'patches'>

/** What a change of the content makes of these. */
export type BodyState = Pick<Inode, 'size' | 'patches'>

/** A part of one cell. */
interface Part {
  readonly cell: number
  /** First byte in the cell, and one after its last. */
  readonly start: number
  readonly end: number
}

/** The cells that the bytes from `start` up to `end` of a file lie in. */
export function* partsOf(start: number, end: number): Generator<Part, void, undefined> {
  for (let at = start; at < end; ) {
    const cell = Math.floor(at / CELL_BYTES)
    const first = cell * CELL_BYTES
    const to = Math.min(end, first + CELL_BYTES)
    yield { cell, start: at - first, end: to - first }
    at = to
  }
}

/**
 * Reads into `target` from `position` on; how many bytes there were. Only the cells that the bytes lie in
 * are fetched, together.
 */
export async function readInto(
  reader: EntryReader,
  body: Body,
  target: Uint8Array,
  position: number,
  wait: WaitOptions = {},
): Promise<number> {
  const end = Math.min(body.size, position + target.byteLength)
  if (end <= position) return 0
  const parts = [...partsOf(position, end)]
  for (let at = 0; at < parts.length; at += CELLS_AT_ONCE) {
    const some = parts.slice(at, at + CELLS_AT_ONCE)
    await Promise.all(
      some.map(async (part) => {
        const at = part.cell * CELL_BYTES + part.start - position
        const into = target.subarray(at, at + part.end - part.start)
        await readPart(reader, body, part, { ...wait, into })
      }),
    )
  }
  return end - position
}

/**
 * The bytes from `position` on, in the pieces that they lie in; as many as there are, at most `length`. They
 * are not copied where nobody else has them.
 */
export async function readPieces(
  reader: EntryReader,
  body: Body,
  position: number,
  length: number,
): Promise<readonly Uint8Array[]> {
  const end = Math.min(body.size, position + length)
  return Promise.all([...partsOf(position, end)].map((part) => readPart(reader, body, part)))
}

/** The bytes of a part of a cell, in `into`; holes are zeros. The part lies within the file's size. */
export async function readPart(
  reader: EntryReader,
  body: Body,
  { cell, start, end }: Part,
  options: ReadPartOptions = {},
): Promise<Uint8Array> {
  if (options.into === undefined && body.patches === 0) {
    const read = await reader.getPart(cellKey(body, cell), { ...options, start, end })
    return read?.byteLength === end - start ? read : padded(read, end - start)
  }
  const { into = new Uint8Array(end - start), ...wait } = options
  const reading = reader.getPart(cellKey(body, cell), { ...wait, start, end, into })
  if (body.patches === 0) {
    into.fill(0, (await reading)?.byteLength ?? 0)
    return into
  }
  const [base, patches] = await Promise.all([reading, patchesOf(reader, body, cell)])
  into.fill(0, base?.byteLength ?? 0)
  const over = patches.filter((patch) => patch.start < end && patch.start + patch.length > start)
  const bodies = await Promise.all(
    over.map((patch) => {
      const first = Math.max(0, start - patch.start)
      const part = { ...wait, start: first, end: Math.min(patch.length, end - patch.start) }
      return reader.getPart(patchKey(body, cell, patch), part)
    }),
  )
  over.forEach((patch, i) => {
    const patched = bodies[i]
    if (patched !== undefined) into.set(patched, Math.max(0, patch.start - start))
  })
  return into
}

function padded(bytes: Uint8Array | undefined, length: number): Uint8Array {
  const all = new Uint8Array(length)
  if (bytes !== undefined) all.set(bytes)
  return all
}

interface ReadPartOptions extends WaitOptions {
  /** Where the bytes go: as long as the part. Default: memory of their own. */
  readonly into?: Uint8Array
}

async function patchesOf(reader: EntryReader, id: InodeId, cell: number): Promise<PatchPlace[]> {
  const patches: PatchPlace[] = []
  for await (const key of reader.keys(patchBounds(id, cell))) patches.push(patchPlace(key))
  return patches
}

/**
 * Writes `bytes` at `position` of a file; what its inode says then. They are not copied: nobody changes them
 * until the transaction has settled.
 */
export async function writeBody(
  tx: Transaction,
  body: Body,
  bytes: Uint8Array,
  position: number,
): Promise<BodyState> {
  let { patches } = body
  let at = 0
  for (const part of partsOf(position, position + bytes.byteLength)) {
    const piece = bytes.subarray(at, at + part.end - part.start)
    patches += await writePart(tx, { ...body, patches }, part, piece)
    at += piece.byteLength
  }
  const end = bytes.byteLength === 0 ? 0 : position + bytes.byteLength
  return { size: Math.max(body.size, end), patches }
}

/** Writes a part of a cell; by how many its patches have become more. */
async function writePart(
  tx: Transaction,
  body: Body,
  part: Part,
  bytes: Uint8Array,
): Promise<number> {
  const { cell, start, end } = part
  const before = cellBytes(body, cell)
  if (start === 0 && end >= before) {
    tx.put(cellKey(body, cell), bytes, uncopied)
    return -(await dropPatches(tx, body, cell))
  }
  const after = Math.max(before, end)
  // What makes it at least twice as long, or full, is worth it: a file that is written in pieces has few patches.
  const isAppended = start === before && (end === CELL_BYTES || end >= 2 * before)
  if (isAppended || after <= REWRITE_BYTES_MAX) return rewriteCell(tx, body, part, bytes)
  const patches = body.patches === 0 ? [] : await patchesOf(tx, body, cell)
  if (patches.length >= PATCHES_MAX) return rewriteCell(tx, body, part, bytes)
  const seq = (patches.at(-1)?.seq ?? -1) + 1
  tx.put(patchKey(body, cell, { seq, start, length: bytes.byteLength }), bytes, uncopied)
  return 1
}

async function rewriteCell(
  tx: Transaction,
  body: Body,
  { cell, start, end }: Part,
  bytes: Uint8Array,
): Promise<number> {
  const before = cellBytes(body, cell)
  const whole = new Uint8Array(Math.max(before, end))
  if (before > 0) whole.set(await readPart(tx, body, { cell, start: 0, end: before }))
  whole.set(bytes, start)
  tx.put(cellKey(body, cell), whole, uncopied)
  return -(await dropPatches(tx, body, cell))
}

/** Bytes of a cell that lie within the file. */
function cellBytes({ size }: Body, cell: number): number {
  return Math.min(CELL_BYTES, Math.max(0, size - cell * CELL_BYTES))
}

async function dropPatches(tx: Transaction, body: Body, cell: number): Promise<number> {
  if (body.patches === 0) return 0
  const patches = await patchesOf(tx, body, cell)
  for (const patch of patches) tx.del(patchKey(body, cell, patch))
  return patches.length
}

/** Makes a file longer or shorter; what its inode says then. What is cut off is taken out. */
export async function truncateBody(tx: Transaction, body: Body, size: number): Promise<BodyState> {
  if (size >= body.size) return { size, patches: body.patches }
  if (size === 0) {
    await removeBody(tx, body)
    return { size, patches: 0 }
  }
  const cell = Math.floor(size / CELL_BYTES)
  const rest = size - cell * CELL_BYTES
  let { patches } = body
  const isCut = rest > 0 && rest < cellBytes(body, cell)
  if (isCut) {
    const kept = await readPart(tx, body, { cell, start: 0, end: rest })
    tx.put(cellKey(body, cell), kept, uncopied)
    patches -= await dropPatches(tx, body, cell)
  }
  const gone = await removeCells(tx, body, rest > 0 ? cell + 1 : cell)
  return { size, patches: patches - gone }
}

/** Takes the whole content out. */
export async function removeBody(tx: Transaction, body: Body): Promise<void> {
  if (body.size === 0) return
  if (body.patches === 0 && body.size <= CELL_BYTES) tx.del(cellKey(body, 0))
  else await removeCells(tx, body, 0)
}

async function removeCells(tx: Transaction, body: Body, from: number): Promise<number> {
  if (body.size <= from * CELL_BYTES) return 0
  let patches = 0
  const bounds = contentBounds(body, from)
  for await (const key of tx.keys(bounds)) {
    if (isPatchKey(key)) patches++
    tx.del(key)
  }
  return patches
}
