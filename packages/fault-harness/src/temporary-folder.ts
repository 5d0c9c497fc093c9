import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder that is removed, with all that is in it, when it goes out of scope (`await using`). */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string
  /** A path inside the folder. */
  join(...names: string[]): string
}

/** Makes an empty folder among the system's temporary files. */
export async function temporaryFolder(name = 'datagram-test-'): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), name))
  return {
    path,
    join: (...names) => join(path, ...names),
    // A store that is just closing may still delete a file of its own: hence the retries.
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }),
  }
}
