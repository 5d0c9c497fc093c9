import { randomUUID } from 'node:crypto'
import type { JsonValue } from '@datagram/descriptors'
import type { WaitOptions } from '@datagram/stream'
import b4a from 'b4a'
import type { BlobStore } from './blob-store.ts'
import type { DataCarrier, Payload, PayloadContent } from './data-carrier.ts'
import type { DataCarriers } from './data-carriers.ts'
import { exportTree } from './export-tree.ts'
import { fileContent, isGone } from './file-content.ts'
import { importTree } from './import-tree.ts'
import { idOf } from './named-hash.ts'
import { objectStoreError } from './object-store-errors.ts'
import {
  decodeMarker,
  encodeMarker,
  MARKER_BYTES_MAX,
  MARKER_NAME,
  type RenderingMarker,
  type RenderMode,
  renderingUnknown,
} from './rendering-marker.ts'
import { pathedFs, type PathedFs, type TreeFs } from './tree-fs.ts'

/** Options of a rendering. */
export interface RenderOptions extends WaitOptions {
  /** Whether it may be edited and taken back; default `read-only`. */
  readonly mode?: RenderMode | undefined
  /** Where it is written to; default `node:fs/promises`. */
  readonly fs?: TreeFs | undefined
}

/** Options of taking a rendering back. */
export interface CommitFolderOptions extends WaitOptions {
  /** Where it is read from; default `node:fs/promises`. */
  readonly fs?: TreeFs | undefined
}

/** What renderings are made of, and taken back to. */
export interface RenderContext {
  readonly blobs: BlobStore
  readonly carriers: DataCarriers
}

const READ_ONLY = 0o444

/** Shows the current version of a data carrier in a new folder; see `Objects.render`. */
export async function render(
  { blobs, carriers }: RenderContext,
  objectId: string,
  folder: string,
  { mode = 'read-only', fs: given, ...wait }: RenderOptions = {},
): Promise<string> {
  if (mode !== 'read-only' && mode !== 'read-write') {
    throw new TypeError("mode is 'read-only' or 'read-write'")
  }
  const carrier = await carriers.current(objectId, wait)
  if (carrier === undefined) throw notFound(objectId)
  const pathed = pathedFs(given)
  const { fs, paths } = pathed
  await fs.mkdir(paths.dirname(paths.resolve(folder)), { recursive: true })
  // One that is there already is somebody's.
  await fs.mkdir(folder)
  try {
    const at = await show({ blobs, carriers }, carrier, folder, { fs: given, ...wait })
    const { namedHash, payloadType } = carrier
    const marker = { objectId, namedHash, payloadType, name: paths.basename(at), mode }
    await writeNew(fs, paths.join(folder, MARKER_NAME), [encodeMarker(marker)])
    if (mode === 'read-only') await protect(pathed, folder)
    return at
  } catch (error) {
    await fs.rm(folder, { recursive: true, force: true })
    throw error
  }
}

/** Takes back what a person has made of a rendering; see `Objects.commitFolder`. */
export async function commitFolder(
  context: RenderContext,
  folder: string,
  { fs, ...wait }: CommitFolderOptions = {},
): Promise<DataCarrier | undefined> {
  const { carriers } = context
  const pathed = pathedFs(fs)
  const marker = await readMarker(pathed, folder)
  if (marker.mode === 'read-only') throw readOnly(folder)
  const { objectId, namedHash } = marker
  const before = await shownVersion(carriers, marker, folder, wait)
  const content = await readBack(context, marker, folder, { fs, ...wait })
  const stored = await carriers.put(content, wait)
  if (stored === before.payload) return undefined
  const payload = { type: marker.payloadType, stored }
  const draft = { objectId, previous: [namedHash], payload, fields: fieldsOf(before) }
  const carrier = await carriers.commit(draft, wait)
  await rewriteMarker(pathed, folder, { ...marker, namedHash: carrier.namedHash })
  return carrier
}

// Writes what a version carries into the folder; where it is then.
async function show(
  { blobs, carriers }: RenderContext,
  carrier: DataCarrier,
  folder: string,
  { fs: given, ...wait }: CommitFolderOptions,
): Promise<string> {
  const payload = await carriers.read(carrier, wait)
  if (payload.type === 'Directory') {
    return exportTree(blobs, payload.aionPoint, folder, { fs: given, ...wait })
  }
  const { fs, paths } = pathedFs(given)
  const at = paths.join(folder, nameOf(payload))
  const content = payload.type === 'File' ? payload.data : carrier.payload
  await writeNew(fs, at, blobs.stream(idOf(content), wait))
  return at
}

function nameOf(payload: Exclude<Payload, { readonly type: 'Directory' }>): string {
  if (payload.type === 'File') return `file${payload.extension}`
  return payload.type === 'Url' ? 'address.txt' : 'text.txt'
}

// What a rendering shows now, as what it was rendered from.
async function readBack(
  { blobs }: RenderContext,
  { payloadType: type, name }: RenderingMarker,
  folder: string,
  { fs: given, ...wait }: CommitFolderOptions,
): Promise<PayloadContent> {
  const { fs, paths } = pathedFs(given)
  const at = paths.join(folder, name)
  try {
    await fs.lstat(at)
  } catch (cause) {
    throw isGone(cause) ? renderingUnknown(folder, `${name} is gone`, cause) : cause
  }
  if (type === 'Directory') {
    return { type, aionPoint: await importTree(blobs, at, { fs: given, name, ...wait }) }
  }
  const content = fileContent(fs, at)
  if (type === 'File') return { type, content, extension: paths.extname(name) }
  const text = await textOf(content, folder)
  // Editors end a line that a person has not ended.
  return type === 'Url' ? { type, url: text.trim() } : { type, text }
}

async function textOf(content: AsyncIterable<Uint8Array>, folder: string): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of content) parts.push(part)
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    return decoder.decode(b4a.concat(parts))
  } catch (cause) {
    throw renderingUnknown(folder, 'its text is no UTF-8', cause)
  }
}

async function shownVersion(
  carriers: DataCarriers,
  { objectId, namedHash }: RenderingMarker,
  folder: string,
  wait: WaitOptions,
): Promise<DataCarrier> {
  for await (const version of carriers.history(objectId, wait)) {
    if (version.namedHash === namedHash) return version
  }
  throw renderingUnknown(folder, 'the version that it shows is not in this store')
}

// What else the version holds, such as a title.
function fieldsOf({ content }: DataCarrier): Record<string, JsonValue> {
  const own = [
    'objectId',
    'mutationId',
    'timeVersion',
    'type',
    'previous',
    'payloadType',
    'payload',
  ]
  return Object.fromEntries(Object.entries(content).filter(([key]) => !own.includes(key)))
}

async function readMarker({ fs, paths }: PathedFs, folder: string): Promise<RenderingMarker> {
  const parts: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const part of fileContent(fs, paths.join(folder, MARKER_NAME))) {
      parts.push(part)
      bytes += part.byteLength
      if (bytes > MARKER_BYTES_MAX) break
    }
  } catch (cause) {
    throw renderingUnknown(folder, `it has no ${MARKER_NAME}`, cause)
  }
  return decodeMarker(b4a.concat(parts), folder)
}

async function rewriteMarker(
  { fs, paths }: PathedFs,
  folder: string,
  marker: RenderingMarker,
): Promise<void> {
  const growing = paths.join(folder, `.object-${randomUUID()}.json`)
  await writeNew(fs, growing, [encodeMarker(marker)])
  await fs.rename(growing, paths.join(folder, MARKER_NAME))
}

async function writeNew(
  fs: TreeFs,
  at: string,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const file = await fs.open(at, 'wx')
  try {
    for await (const piece of pieces) await file.writeFile(piece)
  } finally {
    await file.close()
  }
}

// Directories stay writable: whoever has no more use for a rendering must be able to delete it.
async function protect({ fs, paths }: PathedFs, folder: string): Promise<void> {
  for (const entry of await fs.readdir(folder, { withFileTypes: true })) {
    const at = paths.join(folder, entry.name)
    if (entry.isDirectory()) await protect({ fs, paths }, at)
    else if (entry.isFile()) await fs.chmod(at, READ_ONLY)
  }
}

function readOnly(folder: string): Error {
  return objectStoreError(
    'RENDERING_READ_ONLY',
    `${folder} was rendered to be read, not edited; render the object with mode 'read-write'`,
    { details: { folder } },
  )
}

function notFound(objectId: string): Error {
  return objectStoreError(
    'CARRIER_NOT_FOUND',
    `there is no data carrier ${JSON.stringify(objectId)} here; pull from a store that has it`,
    { details: { objectId } },
  )
}
