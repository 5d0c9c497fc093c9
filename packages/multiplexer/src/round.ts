import type { Codec, State } from '@datagram/log-core'
import c from 'compact-encoding'
import { readUint } from './wire-fields.ts'

/*
 * ask, message 10: tell me when all that you had to say has been said; and told, message 11, the answer.
 *
 *   size  field
 *   1..9  number of the question, uint; the answer repeats it
 *   …     fields of newer minor versions, skipped
 */
function round(message: string): Codec<number> {
  return {
    preencode: (state: State, value: number) => c.uint.preencode(state, value),
    encode: (state: State, value: number) => c.uint.encode(state, value),
    decode: (state: State) => readUint(state, message, 'number'),
  }
}

export const ask: Codec<number> = round('ask')
export const told: Codec<number> = round('told')
