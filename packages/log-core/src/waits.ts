import { setMaxListeners } from 'node:events'
import { logError } from './log-errors.ts'

/** How long a call may wait. Every call that waits takes these. */
export interface WaitOptions {
  /** Ends the wait; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds until the call rejects with `WAIT_TIMEOUT`. Each call documents its default. */
  readonly timeoutMs?: number | undefined
}

/**
 * Waits for `work`, but no longer than the options and the extra `signals` allow.
 *
 * Rejects with the first aborted signal's reason, or with `WAIT_TIMEOUT`. The work itself goes on;
 * its late failure is not unhandled, since whoever started it also hears of it here.
 */
export function bounded<T>(
  work: Promise<T>,
  what: string,
  { signal, timeoutMs = Number.POSITIVE_INFINITY }: WaitOptions = {},
  ...signals: readonly AbortSignal[]
): Promise<T> {
  if (!(timeoutMs >= 0)) throw new TypeError('timeoutMs is a number of milliseconds from 0')
  const all = signal === undefined ? signals : [signal, ...signals]
  if (all.length === 0 && timeoutMs === Number.POSITIVE_INFINITY) return work
  return new Promise<T>((resolve, reject) => {
    const timer =
      timeoutMs === Number.POSITIVE_INFINITY
        ? undefined
        : setTimeout(() => settle(() => reject(timedOut(what, timeoutMs))), timeoutMs)
    let settled = false
    const settle = (act: () => void) => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      for (const stop of stops) stop()
      act()
    }
    const stops = all.map((one) => onAbort(one, () => settle(() => reject(one.reason))))
    work.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    )
    const aborted = all.find((one) => one.aborted)
    if (aborted !== undefined) settle(() => reject(aborted.reason))
  })
}

/**
 * Calls `listener` when the signal is aborted; returns the undo. Many waits may listen to one signal and each
 * takes its listener off again, so Node is told not to warn of a leak at the eleventh.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  setMaxListeners(0, signal)
  signal.addEventListener('abort', listener)
  return () => signal.removeEventListener('abort', listener)
}

/** The error of a wait that took longer than its `timeoutMs`. */
export function timedOut(what: string, timeoutMs: number): Error {
  return logError(
    'WAIT_TIMEOUT',
    `${what} took longer than ${timeoutMs} ms; give a larger timeoutMs, or check that a peer with the data is connected`,
    { details: { timeoutMs } },
  )
}
