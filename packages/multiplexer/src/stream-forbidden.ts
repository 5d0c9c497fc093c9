import { multiplexerError } from './multiplexer-errors.ts'

/** The error of a stream that has no part in anything here. */
export function streamForbidden(): Error {
  return multiplexerError(
    'STREAM_FORBIDDEN',
    'the stream or its author is marked in a list that is honoured here, or forbidden by a policy; it comes when that is taken back',
  )
}
