import { measuredWhen } from '../measured-when.ts'
import type { Report } from '../report.ts'

/** Greys of axes and of what is said by the way. */
export const GRID = '#ddd'
export const AXIS = '#555'

// Okabe and Ito's, which the colour-blind can tell apart.
const COLOURS: Readonly<Record<string, string>> = {
  ours: '#0072b2',
  hyperbee: '#e69f00',
  hyperbee2: '#d55e00',
  'classic-level': '#009e73',
  lmdb: '#cc79a7',
  hyperdrive: '#d55e00',
  'node:fs': '#009e73',
}

export function colourOf(contender: string): string {
  return COLOURS[contender] ?? AXIS
}

/** One line on where and when a report was made. */
export function originOf({ machine, rows }: Report): string {
  const { processor, cores, memoryBytes, fileSystem, node } = machine
  const memory = `${Math.round(memoryBytes / 2 ** 30)} GiB`
  return `${processor}, ${cores} cores, ${memory}, ${fileSystem}, Node ${node}; ${measuredWhen(rows)}`
}
