import fs from 'node:fs/promises'
import path from 'node:path'
import { type Descriptor, descriptorFromDefinition } from '@datagram/descriptors'
import b4a from 'b4a'
import {
  DEFINITIONS_FOLDER,
  exportDamaged,
  FORMAT,
  FORMAT_VERSION,
  isBlobName,
  isIdText,
  OBJECTS_FILE,
} from './export-format.ts'
import { BODY_BYTES_MAX } from './limits.ts'
import { readPlainFile, textLines } from './plain-file.ts'
import type { StreamDescriptor } from './stream-descriptor.ts'
import { streamError } from './stream-errors.ts'

/** One object of an export: its body, and what the stream keeps of its type. */
export interface ImportedObject {
  readonly body: Uint8Array
  readonly descriptor: StreamDescriptor<Uint8Array, unknown> | undefined
}

/** A definition of an export: one that can be read, or the bytes of one that cannot. */
type Definition = Descriptor | { readonly id: Uint8Array; readonly bytes: Uint8Array }

type Json = Readonly<Record<string, unknown>>

/** The objects of an export, in order. Throws `EXPORT_DAMAGED`, `EXPORT_FORMAT_UNKNOWN`. */
export async function* readExport(folder: string): AsyncGenerator<ImportedObject, void, undefined> {
  const reader = new ExportReader(folder)
  let number = 0
  for await (const text of textLines(folder, OBJECTS_FILE)) {
    number++
    const object = await reader.line(`line ${number} of ${OBJECTS_FILE}`, text)
    if (object !== undefined) yield object
  }
  reader.end()
}

class ExportReader {
  readonly #folder: string
  readonly #definitions = new Map<string, Definition>()
  #hasBegun = false
  #hasEnded = false
  #objects = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  /** The object of a line; undefined for the first line and the last. */
  async line(where: string, text: string): Promise<ImportedObject | undefined> {
    const json = parseObject(where, text)
    if (this.#hasEnded) throw exportDamaged(where, 'something follows the end')
    if (!this.#hasBegun) return this.#begin(where, json)
    if (Object.hasOwn(json, 'objects')) {
      this.#hasEnded = true
      if (json['objects'] === this.#objects) return undefined
      throw exportDamaged(where, `there should be ${json['objects']} objects before it`)
    }
    this.#objects++
    return this.#object(where, json)
  }

  end(): void {
    if (!this.#hasEnded) throw exportDamaged(OBJECTS_FILE, 'it has no end: it was cut short')
  }

  #begin(where: string, { format, version }: Json): undefined {
    if (format !== FORMAT) throw exportDamaged(where, `it does not say "format": "${FORMAT}"`)
    this.#hasBegun = true
    if (version === FORMAT_VERSION) return undefined
    throw streamError(
      'EXPORT_FORMAT_UNKNOWN',
      `the export is of version ${JSON.stringify(version)}, and this package reads ${FORMAT_VERSION}; use a newer version`,
      { details: { version } },
    )
  }

  async #object(where: string, json: Json): Promise<ImportedObject> {
    const { definition: id, data } = json
    if (id === undefined) return { body: await this.#bytes(where, json), descriptor: undefined }
    const definition = await this.#definition(where, id)
    const body =
      data === undefined || !('decode' in definition)
        ? await this.#bytes(where, json)
        : encodeData(where, definition, await this.#withBlobs(where, json))
    return { body, descriptor: asItIs(definition) }
  }

  /** Plain bytes: in the line, or in a file. */
  async #bytes(where: string, { bytes, blob }: Json): Promise<Uint8Array> {
    if (typeof blob === 'string') return this.#blob(where, blob)
    const decoded = typeof bytes === 'string' ? b4a.from(bytes, 'base64') : undefined
    if (decoded !== undefined && b4a.toString(decoded, 'base64') === bytes) return decoded
    throw exportDamaged(where, 'it has no data, no blob and no bytes in base64')
  }

  /** The data with the fields that lie in files, as JSON has them. */
  async #withBlobs(where: string, { data, blobs = {} }: Json): Promise<unknown> {
    const names = isObject(blobs) ? Object.entries(blobs) : undefined
    if (!isObject(data) || names === undefined) {
      throw exportDamaged(where, 'data and blobs are objects')
    }
    const fields = Object.entries(data)
    for (const [field, name] of names) {
      if (Object.hasOwn(data, field)) throw exportDamaged(where, `${field} is there twice`)
      fields.push([field, b4a.toString(await this.#blob(where, name), 'base64')])
    }
    return Object.fromEntries(fields)
  }

  async #blob(where: string, name: unknown): Promise<Uint8Array> {
    if (!isBlobName(name)) throw exportDamaged(where, `a blob cannot be called ${shown(name)}`)
    return readPlainFile(this.#folder, name, BODY_BYTES_MAX)
  }

  async #definition(where: string, id: unknown): Promise<Definition> {
    if (!isIdText(id)) throw exportDamaged(where, `a definition cannot be called ${shown(id)}`)
    const known = this.#definitions.get(id)
    if (known !== undefined) return known
    const definition = await this.#readDefinition(id)
    this.#definitions.set(id, definition)
    return definition
  }

  async #readDefinition(id: string): Promise<Definition> {
    const json = `${DEFINITIONS_FOLDER}/${id}.json`
    if (!(await isThere(path.join(this.#folder, json)))) {
      const name = `${DEFINITIONS_FOLDER}/${id}.bin`
      const bytes = await readPlainFile(this.#folder, name, BODY_BYTES_MAX)
      return { id: b4a.from(id, 'hex'), bytes }
    }
    const text = b4a.toString(await readPlainFile(this.#folder, json, BODY_BYTES_MAX))
    const descriptor = descriptorOf(json, text)
    if (descriptor.idText === id) return descriptor
    throw exportDamaged(json, 'it is another definition than its name says')
  }
}

function descriptorOf(where: string, text: string): Descriptor {
  const json = parseObject(where, text)
  try {
    return descriptorFromDefinition(json)
  } catch (cause) {
    throw exportDamaged(where, (cause as Error).message, cause)
  }
}

function encodeData(where: string, descriptor: Descriptor, json: unknown): Uint8Array {
  try {
    return descriptor.encode(descriptor.fromJSON(json))
  } catch (cause) {
    throw exportDamaged(where, (cause as Error).message, cause)
  }
}

/** A descriptor that takes bodies as they are, and reads them where it can, so that fields are indexed. */
function asItIs(definition: Definition): StreamDescriptor<Uint8Array, unknown> {
  const { id } = definition
  const encode = (body: Uint8Array) => body
  if ('decode' in definition) {
    const decode = (body: Uint8Array) => valueOf(definition, body)
    return { id, definition: definition.definition, encode, decode }
  }
  const placeholder = { name: b4a.toString(id, 'hex'), version: 1, fields: [] }
  const decode = () => undefined
  return { id, definition: placeholder, encodedDefinition: definition.bytes, encode, decode }
}

function valueOf(descriptor: Descriptor, body: Uint8Array): unknown {
  try {
    return descriptor.decode(body)
  } catch {
    // Exported as bytes because it could not be read either.
    return undefined
  }
}

async function isThere(file: string): Promise<boolean> {
  return fs.lstat(file).then(
    () => true,
    () => false,
  )
}

function parseObject(where: string, text: string): Json {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw exportDamaged(where, 'it is no JSON', cause)
  }
  if (isObject(json)) return json
  throw exportDamaged(where, 'it is no JSON object')
}

function isObject(json: unknown): json is Json {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

function shown(name: unknown): string {
  return (JSON.stringify(name) ?? 'nothing').slice(0, 100)
}
