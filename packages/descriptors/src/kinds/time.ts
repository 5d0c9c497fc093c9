import { type Kind, misfit, scalarKind } from '../kind.ts'

/** How far `Date` reaches from 1970, either way. */
const TIME_MS_MAX = 8_640_000_000_000_000
const isoTime =
  /^(?<day>(?:\d{4}|[+-]\d{6})-\d\d-\d\d)T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/

/**
 * `time`: a zigzag varint, milliseconds since 1970. In JSON: ISO 8601 in UTC with milliseconds
 * (`2026-05-01T12:00:00.000Z`), which people and other programs can read, and which loses nothing, as a
 * time has no finer parts; other offsets, and milliseconds as a number, are read too.
 */
export const timeKind: Kind = scalarKind<number, number | Date>({
  label: 'time',
  expected: 'a time: whole milliseconds since 1970 or a Date',
  expectedJson: 'a time in ISO 8601, like 2026-05-01T12:00:00.000Z',
  fits(value): value is number | Date {
    if (value instanceof Date) return isTime(value.getTime())
    return isTime(value)
  },
  settle: (value) => (typeof value === 'number' ? value : value.getTime()) + 0, // -0 becomes 0
  write(out, value) {
    const ms = value instanceof Date ? value.getTime() : value
    if (!isTime(ms)) throw misfit
    out.int(ms)
  },
  read(from) {
    const { at } = from
    const ms = from.int()
    if (!isTime(ms)) throw from.damaged('a time is out of range', at)
    return ms
  },
  toJson: (value) => new Date(value).toISOString(),
  fromJson: (json) => (typeof json === 'string' ? parseIso(json) : jsonNumber(json)),
})

function isTime(value: unknown): value is number {
  return Number.isInteger(value) && Math.abs(value as number) <= TIME_MS_MAX
}

function parseIso(text: string): number | undefined {
  const day = isoTime.exec(text)?.groups?.['day']
  if (day === undefined || !isDay(day)) return undefined
  return Date.parse(text)
}

/** Whether the calendar has this day: the engine takes the 30th of February for the 2nd of March. */
function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00.000Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)
}

/** A Date is a time, but not in JSON. */
function jsonNumber(json: unknown): unknown {
  return typeof json === 'number' ? json : undefined
}
