import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const PEERS = ['hyperbee', 'hyperbee2', 'classic-level', 'lmdb', 'corestore'] as const

/** Versions of the peers that are installed. */
export function peerVersions(): Readonly<Record<string, string>> {
  const manifest = require('../package.json') as { devDependencies: Record<string, string> }
  // Pinned exactly, so what is asked for is what there is.
  return Object.fromEntries(
    PEERS.map((name) => [name, manifest.devDependencies[name] ?? 'unknown']),
  )
}
