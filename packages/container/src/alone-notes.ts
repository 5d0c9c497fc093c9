import type { Store } from '@datagram/log-core'
import { AloneNotes } from '@datagram/stream'
import b4a from 'b4a'

/**
 * What this machine has forgotten alone; its log, and the secret that says that there is one, have the name. The log is
 * made when there is something to keep.
 */
export async function openAloneNotes(store: Store, name = 'alone'): Promise<AloneNotes> {
  const isThere = () => store.secret(name) !== undefined
  const notes = new AloneNotes(async () => {
    if (!isThere()) await store.setSecret(name, b4a.from([1]))
    return store.open(name)
  })
  if (isThere()) await notes.load()
  return notes
}
