const NS_PER_MS = 1_000_000
const MS_PER_SECOND = 1000

/** Milliseconds since 1970 of what `utimes` takes: seconds, a numeric string of them, or a Date. */
export function timeMs(time: unknown, name: string): number {
  if (time instanceof Date) return time.getTime()
  const seconds = typeof time === 'string' && time.trim() !== '' ? Number(time) : time
  if (typeof seconds === 'number' && Number.isFinite(seconds)) {
    return seconds < 0 && typeof time !== 'string'
      ? Math.round(seconds * MS_PER_SECOND)
      : micros(seconds)
  }
  if (typeof seconds === 'number' && typeof time === 'number') return Date.now()
  const error = new TypeError(
    `The "${name}" argument must be of type number or Date. Received ${String(time)}`,
  )
  throw Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' })
}

// What a double of seconds holds: microseconds.
function micros(seconds: number): number {
  return Math.round(seconds * NS_PER_MS) / MS_PER_SECOND
}

/** Nanoseconds since 1970. */
export function timeNs(ms: number): bigint {
  const whole = Math.floor(ms)
  return BigInt(whole) * BigInt(NS_PER_MS) + BigInt(Math.round((ms - whole) * NS_PER_MS))
}
