import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { measureCutClone } from './cut-clone.ts'
import { measureDeclined } from './declined.ts'
import { measureHostilePeer } from './hostile-peer.ts'
import { measureReconnect } from './reconnect.ts'
import type { SharingFigure } from './sharing-figure.ts'

/** How the benchmark of sharing is run. */
export interface SharingCommand {
  readonly name: 'sharing'
  readonly json: boolean
  readonly quick: boolean
}

const parts = [measureReconnect, measureDeclined, measureCutClone, measureHostilePeer]

/** Measures one part after another, each in a temporary folder that is removed again. */
export async function measureSharing({ quick }: SharingCommand): Promise<SharingFigure[]> {
  const figures: SharingFigure[] = []
  for (const measure of parts) {
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'datagram-bench-'))
    try {
      figures.push(...(await measure({ folder, quick })))
    } finally {
      await fs.rm(folder, { recursive: true, force: true })
    }
  }
  return figures
}

/** The figures as a table. */
export function sharingTable(figures: readonly SharingFigure[]): string {
  const lines = figures.map(({ work, figure, value, limit }) => {
    const shown = Number.isInteger(value) ? `${value}` : value.toFixed(1)
    return `| ${work} | ${figure} | ${shown} | ≤ ${limit} | ${value <= limit ? 'met' : 'missed'} |`
  })
  return ['| work | figure | ours | goal | |', '| --- | --- | --- | --- | --- |', ...lines].join(
    '\n',
  )
}
