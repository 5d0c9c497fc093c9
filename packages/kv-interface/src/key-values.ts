import { KeyValue } from '@datagram/descriptors'
import type { EntriesOptions, KvReader } from './kv.ts'

/** One entry as the built-in type `KeyValue` describes it. */
export type DescribedEntry = ReturnType<typeof KeyValue.create>

/**
 * The entries of a key/value store as objects of the built-in type `KeyValue`: what any program can read in a
 * stream of objects (`stream.add(KeyValue, entry)`) or as JSON (`KeyValue.toJSON(entry)`). Keys are texts;
 * values texts, bytes, numbers or booleans.
 *
 * Throws `DATA_INVALID` for an entry that is something else: JSON that is no single value, say.
 */
export async function* keyValues(
  kv: Pick<KvReader<string, unknown>, 'entries'>,
  options?: EntriesOptions<string>,
): AsyncGenerator<DescribedEntry, void, undefined> {
  for await (const [key, value] of kv.entries(options)) {
    yield KeyValue.create({ key, value: value as DescribedEntry['value'] })
  }
}
