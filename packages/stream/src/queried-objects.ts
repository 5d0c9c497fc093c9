import type { Contents } from './contents.ts'
import type { ObjectsOptions, StreamObject } from './interface-stream.ts'
import { STREAM_SPACE } from './key-space.ts'
import { objectsWhere, typesOf } from './object-query.ts'
import type { StreamCore } from './stream-core.ts'

/** The objects of a type, or that fit conditions, within a range of numbers. */
export async function* queriedObjects(
  core: StreamCore,
  contents: Contents,
  { type, where = {}, from = 0, to = Number.MAX_SAFE_INTEGER, ...wait }: ObjectsOptions,
): AsyncGenerator<StreamObject, void, undefined> {
  const types = typesOf(await core.types.all(wait), type)
  if (Object.keys(where).length > 0) {
    const numbers = await objectsWhere(core.reader(STREAM_SPACE), types, where, wait)
    const within = numbers.filter((n) => n >= from && n < to)
    yield* contents.many(within, wait)
    return
  }
  const meant = new Set(types.map(({ number }) => number))
  for await (const object of contents.objects({ from, to, ...wait })) {
    if (type === undefined || meant.has(object.descriptor)) yield object
  }
}
