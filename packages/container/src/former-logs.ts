import type { Codec, State } from '@datagram/log-core'
import b4a from 'b4a'
import c from 'compact-encoding'

const ID_BYTES = 16
const KEY_BYTES = 32

/** Most pairs that a stream's record names; when it is keyed anew once more, the oldest goes. */
export const FORMER_MAX = 16

/** The log pair that a stream had before it was keyed anew. Who has a link to it reads it as it was then. */
export interface FormerLogs {
  readonly id: Uint8Array
  readonly indexKey: Uint8Array
  readonly dataKey: Uint8Array
  readonly streamKey: Uint8Array
}

const fixedId = c.fixed(ID_BYTES)
const fixedKey = c.fixed(KEY_BYTES)

/*
 * What the extension of a stream's record holds: nothing, or the logs that it had, oldest first.
 *
 *   size  field
 *   1..9  count, 0 to 16 (0 where something else follows), and for each
 *   16    id: the keys of its logs are derived from it
 *   32    public key of the indexer log
 *   32    public key of the data log
 *   32    key of the stream: opens both logs
 *   …     what a newer version adds, skipped
 */
export const formerLogs: Codec<readonly FormerLogs[]> = {
  preencode(state: State, former: readonly FormerLogs[]): void {
    if (former.length === 0) return
    c.uint.preencode(state, former.length)
    state.end += former.length * (ID_BYTES + 3 * KEY_BYTES)
  },
  encode(state: State, former: readonly FormerLogs[]): void {
    if (former.length === 0) return
    c.uint.encode(state, former.length)
    for (const { id, indexKey, dataKey, streamKey } of former) {
      fixedId.encode(state, id)
      for (const key of [indexKey, dataKey, streamKey]) fixedKey.encode(state, key)
    }
  },
  decode(state: State): FormerLogs[] {
    if (state.start >= state.end) return []
    const count = c.uint.decode(state)
    if (count > FORMER_MAX) throw new RangeError(`${count} former logs are too many`)
    return Array.from({ length: count }, () => {
      const id = b4a.from(fixedId.decode(state))
      const [indexKey, dataKey, streamKey] = [0, 1, 2].map(() => b4a.from(fixedKey.decode(state)))
      return { id, indexKey, dataKey, streamKey } as FormerLogs
    })
  },
}
