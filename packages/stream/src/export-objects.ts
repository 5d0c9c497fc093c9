import fs from 'node:fs/promises'
import path from 'node:path'
import type { Descriptor, JsonObject, UnknownFields } from '@datagram/descriptors'
import b4a from 'b4a'
import {
  BLOBS_FOLDER,
  DEFINITIONS_FOLDER,
  type ExportSummary,
  FORMAT,
  FORMAT_VERSION,
  LINE_BYTES_MAX,
  OBJECTS_FILE,
} from './export-format.ts'
import type { InterfaceStream, ObjectsOptions, StreamObject } from './interface-stream.ts'
import { streamError } from './stream-errors.ts'
import type { StreamType } from './stream-type.ts'

/** Which objects are exported: default all. `signal` and `timeoutMs` bound the reads. */
export type ExportOptions = ObjectsOptions

/**
 * Exports objects of a stream into `folder`, which is made when it is not there; the layout is drawn in
 * `export-format.ts`. Every name in it is made of numbers and hashes, whatever the objects say, and no file
 * is written that was there before. Objects that were forgotten are left out.
 *
 * Throws `EXPORT_FOLDER_NOT_EMPTY`, and what reading bodies and the file system throw.
 */
export async function exportObjects(
  stream: InterfaceStream,
  folder: string,
  options: ExportOptions = {},
): Promise<ExportSummary> {
  await claimFolder(folder)
  const { signal, timeoutMs } = options
  const lines = await fs.open(path.join(folder, OBJECTS_FILE), 'wx')
  const exporter = new Exporter(folder, { signal, timeoutMs })
  try {
    await lines.write(line({ format: FORMAT, version: FORMAT_VERSION }))
    for await (const object of stream.objects(options)) {
      if (object.forgotten) continue
      const type = await stream.type(object.descriptor, { signal, timeoutMs })
      await lines.write(line(await exporter.lineOf(object, type)))
    }
    const { objects, bytes } = exporter
    await lines.write(line({ objects }))
    return { objects, bytes }
  } finally {
    await lines.close()
  }
}

async function claimFolder(folder: string): Promise<void> {
  await fs.mkdir(folder, { recursive: true })
  if ((await fs.readdir(folder)).length > 0) {
    throw streamError(
      'EXPORT_FOLDER_NOT_EMPTY',
      `the folder ${folder} has something in it; export into an empty or a new one`,
      { details: { folder } },
    )
  }
  for (const name of [DEFINITIONS_FOLDER, BLOBS_FOLDER]) await fs.mkdir(path.join(folder, name))
}

function line(json: object): string {
  return `${JSON.stringify(json)}\n`
}

type Wait = Pick<ExportOptions, 'signal' | 'timeoutMs'>

class Exporter {
  objects = 0
  bytes = 0
  readonly #folder: string
  readonly #wait: Wait
  readonly #defined = new Set<number>()

  constructor(folder: string, wait: Wait) {
    this.#folder = folder
    this.#wait = wait
  }

  async lineOf(object: StreamObject, type: StreamType | undefined): Promise<object> {
    const { n, size } = object
    this.objects++
    this.bytes += size
    if (type === undefined) return { n, ...(await this.#plain(object)) }
    await this.#define(type)
    const { name, version } = type.descriptor ?? {}
    const head = { n, type: name, version, definition: b4a.toString(type.id, 'hex') }
    const value = type.descriptor && (await this.#described(object, type.descriptor))
    return { ...head, ...(value ?? (await this.#plain(object))) }
  }

  async #plain(object: StreamObject): Promise<object> {
    if (object.size <= LINE_BYTES_MAX) {
      return { bytes: b4a.toString(await object.read(this.#wait), 'base64') }
    }
    return { blob: await this.#blob(`${object.n}`, object.stream(this.#wait)) }
  }

  /** The value as JSON, its large bytes as files; nothing when the body is not exactly this value's. */
  async #described(
    object: StreamObject,
    descriptor: Descriptor,
  ): Promise<{ data: JsonObject; blobs?: object } | undefined> {
    const body = await object.read(this.#wait)
    const value = exactValue(descriptor, body)
    if (value === undefined) return undefined
    const large = largeBytes(descriptor, value)
    if (large.length === 0) return { data: descriptor.toJSON(value) }
    const names = new Set(large.map(({ name }) => name))
    const rest = Object.entries(descriptor.toJSON(value)).filter(([name]) => !names.has(name))
    const blobs: [string, string][] = []
    for (const { name, position, bytes } of large) {
      blobs.push([name, await this.#blob(`${object.n}.${position}`, [bytes])])
    }
    return { data: Object.fromEntries(rest), blobs: Object.fromEntries(blobs) }
  }

  async #define({ number, id, definition, descriptor }: StreamType): Promise<void> {
    if (this.#defined.has(number)) return
    this.#defined.add(number)
    const file = path.join(this.#folder, DEFINITIONS_FOLDER, b4a.toString(id, 'hex'))
    if (descriptor === undefined) await fs.writeFile(`${file}.bin`, definition)
    else await fs.writeFile(`${file}.json`, `${JSON.stringify(descriptor, null, 2)}\n`)
  }

  async #blob(
    name: string,
    pieces: AsyncIterable<Uint8Array> | readonly Uint8Array[],
  ): Promise<string> {
    const file = `${BLOBS_FOLDER}/${name}.bin`
    await fs.writeFile(path.join(this.#folder, file), pieces, { flag: 'wx' })
    return file
  }
}

/** The value of a body, if the value alone makes the body again. */
function exactValue(descriptor: Descriptor, body: Uint8Array): UnknownFields | undefined {
  try {
    const value = descriptor.decode(body)
    return b4a.equals(descriptor.encode(value), body) ? value : undefined
  } catch {
    // Damaged, or of another version: it is exported as bytes, which loses nothing.
    return undefined
  }
}

function largeBytes({ definition }: Descriptor, value: UnknownFields) {
  return definition.fields.flatMap(({ name, kind }, position) => {
    if (kind !== 'bytes') return []
    const bytes = Object.hasOwn(value, name) ? value[name] : undefined
    const isLarge = bytes instanceof Uint8Array && bytes.byteLength > LINE_BYTES_MAX
    return isLarge ? [{ name, position, bytes }] : []
  })
}
