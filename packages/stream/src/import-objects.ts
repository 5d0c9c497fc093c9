import type { WaitOptions } from '@datagram/log-core'
import { type ImportedObject, readExport } from './export-reader.ts'
import type { ExportSummary } from './export-format.ts'
import type { InterfaceStream } from './interface-stream.ts'

// Objects and bytes that go into one transaction.
const OBJECTS_AT_ONCE = 512
const BYTES_AT_ONCE = 4 * 1024 * 1024

/**
 * Adds the objects of an export to a stream, in its order. It is read twice: all of it is checked before
 * the first is written; then they are written many at once.
 *
 * Throws `EXPORT_DAMAGED`, `EXPORT_FORMAT_UNKNOWN`, `DESCRIPTOR_CONFLICT`, what the file system throws and
 * what `write` does. Nothing outside the folder is read, through links neither.
 */
export async function importObjects(
  stream: InterfaceStream,
  folder: string,
  wait: WaitOptions = {},
): Promise<ExportSummary> {
  for await (const _ of readExport(folder)) wait.signal?.throwIfAborted()
  let objects = 0
  let bytes = 0
  for await (const some of gathered(readExport(folder))) {
    const pointers = await stream.write(
      (tx) =>
        some.map(({ body, descriptor }) =>
          descriptor === undefined ? tx.append(body) : tx.append(body, descriptor),
        ),
      wait,
    )
    objects += pointers.length
    bytes += pointers.reduce((sum, { size }) => sum + size, 0)
  }
  return { objects, bytes }
}

async function* gathered(
  objects: AsyncIterable<ImportedObject>,
): AsyncGenerator<readonly ImportedObject[], void, undefined> {
  let some: ImportedObject[] = []
  let bytes = 0
  for await (const object of objects) {
    some.push(object)
    bytes += object.body.byteLength
    if (some.length < OBJECTS_AT_ONCE && bytes < BYTES_AT_ONCE) continue
    yield some
    some = []
    bytes = 0
  }
  if (some.length > 0) yield some
}
