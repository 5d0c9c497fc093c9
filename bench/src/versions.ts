import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** Versions of packages that are installed. */
export function peerVersions(peers: readonly string[]): Readonly<Record<string, string>> {
  const manifest = require('../package.json') as { devDependencies: Record<string, string> }
  // Pinned exactly, so what is asked for is what there is.
  return Object.fromEntries(
    peers.map((name) => [name, manifest.devDependencies[name] ?? 'unknown']),
  )
}
