import type { WaitOptions } from '@datagram/log-core'
import { fieldHead, objectOf } from './field-index.ts'
import type { EntryReader } from './interface-stream.ts'
import type { TypeQuery } from './stream-descriptor.ts'
import { streamError } from './stream-errors.ts'
import type { StreamType } from './stream-type.ts'
import { type FieldCondition, readWhere, type Where } from './where.ts'

/** Those of `types` that are meant; all that can be read when `type` is undefined. */
export function typesOf(
  types: readonly StreamType[],
  type: TypeQuery | undefined,
): readonly StreamType[] {
  if (type === undefined) return types
  const name = typeof type === 'string' ? type : type.definition.name
  return types.filter(({ descriptor }) => descriptor?.name === name)
}

/**
 * The numbers of the objects of these types that fit `where`, in order, out of the index of fields alone.
 * Memory: the numbers that each condition gives.
 *
 * Throws `FIELD_NOT_INDEXED`, as an answer without the objects of a type would be a wrong one.
 */
export async function objectsWhere(
  reader: EntryReader,
  types: readonly StreamType[],
  where: Where,
  wait: WaitOptions,
): Promise<number[]> {
  const conditions = readWhere(where)
  const plans = types.flatMap((type) => planOf(type, conditions))
  if (plans.length === 0 && types.length > 0) throw notIndexed([...conditions.keys()], undefined)
  const found: number[] = []
  for (const plan of plans) {
    const sets = await Promise.all(plan.map((bounds) => numbersWithin(reader, bounds, wait)))
    const [fewest = new Set<number>(), ...others] = sets.sort((a, b) => a.size - b.size)
    for (const n of fewest) if (others.every((set) => set.has(n))) found.push(n)
  }
  return found.sort((a, b) => a - b)
}

type Plan = readonly ReturnType<FieldCondition>[]

/** What to look up for a type; nothing when it lacks a field, so that no object of it can fit. */
function planOf(
  { number, descriptor }: StreamType,
  conditions: ReadonlyMap<string, FieldCondition>,
): Plan[] {
  if (descriptor === undefined) return []
  const { fields } = descriptor.definition
  const plan: ReturnType<FieldCondition>[] = []
  for (const [name, condition] of conditions) {
    const position = fields.findIndex((field) => field.name === name)
    const field = fields[position]
    if (field === undefined) return []
    if (field.index !== true) throw notIndexed([name], descriptor.name)
    plan.push(condition(fieldHead(number, position)))
  }
  return [plan]
}

async function numbersWithin(
  reader: EntryReader,
  bounds: ReturnType<FieldCondition>,
  wait: WaitOptions,
): Promise<Set<number>> {
  const numbers = new Set<number>()
  for await (const key of reader.keys({ ...bounds, ...wait })) numbers.add(objectOf(key))
  return numbers
}

function notIndexed(fields: readonly string[], type: string | undefined): Error {
  const names = fields.join(', ')
  const what =
    type === undefined ? `no type here has the fields ${names}` : `${type}.${names} is not indexed`
  return streamError(
    'FIELD_NOT_INDEXED',
    `${what}; define them with index: true, or ask without where and look at the values`,
    { details: { fields, type } },
  )
}
