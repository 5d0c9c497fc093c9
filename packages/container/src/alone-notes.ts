import type { Store } from '@datagram/log-core'
import { AloneNotes } from '@datagram/stream'
import b4a from 'b4a'

// Name of the log, and of the secret that says that there is one.
const NAME = 'alone'

/** What this machine has forgotten alone; its log is made when there is something to keep. */
export async function openAloneNotes(store: Store): Promise<AloneNotes> {
  const isThere = () => store.secret(NAME) !== undefined
  const notes = new AloneNotes(async () => {
    if (!isThere()) await store.setSecret(NAME, b4a.from([1]))
    return store.open(NAME)
  })
  if (isThere()) await notes.load()
  return notes
}
