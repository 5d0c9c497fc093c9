/** Milliseconds that `work` takes, from the call to the end of what it returns. */
export async function millisecondsOf(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

export function perSecond(count: number, milliseconds: number): number {
  return (count * 1000) / milliseconds
}

/** What a number of operations takes. */
export interface Effort {
  readonly perSecond: number
  /** Time of the processor for each, of all threads of the process, in microseconds. */
  readonly cpuMicroseconds: number
}

/** How fast `work` does `count` operations, and what each costs; without garbage of earlier work. */
export async function effortOf(count: number, work: () => unknown): Promise<Effort> {
  collectGarbage()
  const before = process.cpuUsage()
  const milliseconds = await millisecondsOf(work)
  const { user, system } = process.cpuUsage(before)
  return { perSecond: perSecond(count, milliseconds), cpuMicroseconds: (user + system) / count }
}

/** What earlier work has left is not to be collected while something is measured. */
export function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('a measurement runs under --expose-gc')
  globalThis.gc()
}

/** The middle one; of an even number, the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const upper = sorted[sorted.length >> 1] ?? Number.NaN
  const lower = sorted[(sorted.length - 1) >> 1] ?? Number.NaN
  return (lower + upper) / 2
}
