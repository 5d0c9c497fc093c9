import fs from 'node:fs'
import path from 'node:path'
import { logError } from '../log-errors.ts'
import { endlessLogs } from './endless-logs.ts'
import { coded } from './storage-errors.ts'
import { cutTornTail, findTornTail } from './torn-tail.ts'

/** The engine's write-ahead logs before it opens them. */
export interface PreparedLogs {
  /** As {@link areEmpty}. */
  readonly isEmpty: boolean
}

/**
 * Looks at the engine's write-ahead logs before it does: a damaged byte can make it read for ever, on a thread that
 * nothing can stop; and a last record that the power took half of makes it refuse the whole store. Throws
 * `STORE_DAMAGED` for the first, and mends the second.
 */
export async function prepareLogs(folder: string): Promise<PreparedLogs> {
  if (!fs.existsSync(folder)) return { isEmpty: false }
  return coded(async () => {
    const names = fs.readdirSync(folder)
    const [[endless], torn] = await Promise.all([
      endlessLogs(folder, names),
      findTornTail(folder, names),
    ])
    if (endless !== undefined) {
      throw logError(
        'STORE_DAMAGED',
        `the file ${endless} of the store is damaged; bring the store back from a peer or a copy`,
      )
    }
    if (torn !== undefined) await cutTornTail(torn)
    return { isEmpty: areEmpty(folder, names) }
  })
}

/** Whether the engine has taken all that was written into its tables, as it has after a close; `names`: of its files. */
export function areEmpty(folder: string, names: readonly string[]): boolean {
  const logs = names.filter((name) => name.endsWith('.log'))
  return logs.every((name) => fs.statSync(path.join(folder, name)).size === 0)
}
