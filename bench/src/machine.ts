import fs from 'node:fs/promises'
import os from 'node:os'

/** Where a benchmark ran. */
export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryBytes: number
  readonly system: string
  readonly node: string
  /** Of the temporary folder, where the stores are. */
  readonly fileSystem: string
}

// `f_type` of statfs(2), from linux/magic.h.
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0xef53: 'ext4',
  0x01021994: 'tmpfs (in memory)',
  0x9123683e: 'btrfs',
  0x58465342: 'xfs',
  0x794c7630: 'overlayfs',
}

/** Describes this machine, as far as it matters for a benchmark; no names. */
export async function describeMachine(folder: string): Promise<Machine> {
  const { type } = await fs.statfs(folder)
  const cores = os.cpus()
  return {
    processor: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryBytes: os.totalmem(),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
    fileSystem: FILE_SYSTEMS[type] ?? `type 0x${type.toString(16)}`,
  }
}

/** Mean number of runnable processes over the last minute. */
export function load(): number {
  return os.loadavg()[0] ?? 0
}
