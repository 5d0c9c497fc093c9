import fs from 'node:fs'

/**
 * Highest resident memory of this process, in bytes. Linux counts a child's from before its program was
 * loaded, when it still was a copy of its parent, so there the kernel's own mark is read.
 */
export function peakMemoryBytes(): number {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(fs.readFileSync('/proc/self/status', 'utf8')) ?? []
    if (kib !== undefined) return Number(kib) * 1024
  } catch {
    // No such file: another system than Linux, whose count is right.
  }
  return process.resourceUsage().maxRSS * 1024
}
