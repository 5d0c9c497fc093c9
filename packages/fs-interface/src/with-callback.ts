import { invalidType } from './argument.ts'

type Callback = (error: unknown, ...results: unknown[]) => void

/** How a call's result is handed to its callback. */
export interface CallbackOptions {
  /** The result is a list: its items are the results. Default false. */
  readonly spread?: boolean
}

/**
 * The callback twin of a call that gives a promise: the last argument is the callback. It is called in a
 * turn of its own, so that what it throws is no rejection.
 */
export function withCallback(
  call: (...args: unknown[]) => Promise<unknown>,
  { spread = false }: CallbackOptions = {},
): (...args: unknown[]) => void {
  return (...args) => {
    const callback = callbackOf(args)
    call(...args).then(
      (result) => {
        const results = spread ? (result as unknown[]) : result === undefined ? [] : [result]
        process.nextTick(callback, null, ...results)
      },
      (error: unknown) => process.nextTick(callback, error),
    )
  }
}

/** Takes the callback off the end of the arguments. Throws `ERR_INVALID_ARG_TYPE` when there is none. */
export function callbackOf(args: unknown[]): Callback {
  const callback = args.pop()
  if (typeof callback === 'function') return callback as Callback
  throw invalidType('cb', 'of type function', callback)
}
