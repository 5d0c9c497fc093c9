import nodefs from 'node:fs'
import path from 'node:path'
import { gitIn } from '@datagram/fault-harness'

/** Makes a repository of two branches in `folder`, with a link, an executable file and folders. */
export function makeRepository(folder: string): void {
  gitIn(folder, 'init', '-q', '-b', 'main', '.')
  for (let i = 0; i < 40; i++) {
    const file = path.join(folder, `d${i % 4}`, `sub${i % 3}`, `file ${i}.txt`)
    nodefs.mkdirSync(path.dirname(file), { recursive: true })
    nodefs.writeFileSync(file, `${i} `.repeat(20 * i))
  }
  nodefs.writeFileSync(path.join(folder, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 })
  nodefs.symlinkSync('run.sh', path.join(folder, 'link'))
  nodefs.writeFileSync(path.join(folder, 'ünïcode.txt'), 'ü')
  gitIn(folder, 'add', '.')
  gitIn(folder, 'commit', '-qm', 'first')
  gitIn(folder, 'checkout', '-qb', 'side')
  nodefs.writeFileSync(path.join(folder, 'side.txt'), 'side')
  gitIn(folder, 'add', '.')
  gitIn(folder, 'commit', '-qm', 'on the side')
  gitIn(folder, 'checkout', '-q', 'main')
}
