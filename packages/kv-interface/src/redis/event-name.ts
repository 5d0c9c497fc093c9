/** Events by name, each with the class that CONFIG SET notify-keyspace-events chooses it by. */
const EVENTS = [
  ['del', 'g'],
  ['expire', 'g'],
  ['persist', 'g'],
  ['rename_from', 'g'],
  ['rename_to', 'g'],
  ['move_from', 'g'],
  ['move_to', 'g'],
  ['copy_to', 'g'],
  ['restore', 'g'],
  ['expired', 'x'],
  ['set', '$'],
  ['setrange', '$'],
  ['incrby', '$'],
  ['incrbyfloat', '$'],
  ['append', '$'],
  ['setbit', '$'],
  ['lpush', 'l'],
  ['rpush', 'l'],
  ['lpop', 'l'],
  ['rpop', 'l'],
  ['linsert', 'l'],
  ['lset', 'l'],
  ['lrem', 'l'],
  ['ltrim', 'l'],
  ['sortstore', 'l'],
  ['hset', 'h'],
  ['hincrby', 'h'],
  ['hincrbyfloat', 'h'],
  ['hdel', 'h'],
  ['sadd', 's'],
  ['srem', 's'],
  ['spop', 's'],
  ['sinterstore', 's'],
  ['sunionstore', 's'],
  ['sdiffstore', 's'],
  ['zadd', 'z'],
  ['zincr', 'z'],
  ['zrem', 'z'],
  ['zremrangebyscore', 'z'],
  ['zremrangebyrank', 'z'],
  ['zremrangebylex', 'z'],
  ['zunionstore', 'z'],
  ['zinterstore', 'z'],
  ['zdiffstore', 'z'],
  ['zrangestore', 'z'],
  ['zpopmin', 'z'],
  ['zpopmax', 'z'],
  ['new', 'n'],
] as const

export type EventName = (typeof EVENTS)[number][0]

const numbers = new Map<string, number>(EVENTS.map(([name], number) => [name, number]))

/** Number of an event, as frames have it. */
export function eventNumber(name: EventName): number {
  return numbers.get(name) as number
}

/** The event with a number, or undefined where this version knows none. */
export function eventWithNumber(number: number): EventName | undefined {
  return EVENTS[number]?.[0]
}

/** The letter of an event's class. */
export function classOf(name: EventName): string {
  return (EVENTS[eventNumber(name)] as (typeof EVENTS)[number])[1]
}
