import type { ContenderName } from '../contender.ts'
import type { Work } from '../measurement.ts'
import { thousands } from '../number-format.ts'
import { type Column, figure, type Goal, ratio, type Row } from '../row.ts'
import { cellOf, cellsOf } from '../rows/cells.ts'
import { atLeast } from '../rows/goals.ts'
import type { FilesSizes } from './files-sizes.ts'

const ALL = ['our-files', 'hyperdrive', 'node:fs'] as const
const REPLICATING = ['our-files', 'hyperdrive'] as const
// Blocks that content is cut into, with what frames them on the wire.
const TWO_CHUNKS = 2 * 256 * 1024 + 4096
// What is read of the index, at most (as with a cold get of the key/value store).
const INDEX_BYTES_MAX = 65_536

const megabytes: Column = { figure: 'megabytesPerSecond', title: 'MB/s', unit: 'per second' }
const files: Column = { figure: 'perSecond', title: 'files/s', unit: 'per second' }

/** Every row of `bench files`, in the order in which they run. */
export function filesRows(sizes: FilesSizes): Row[] {
  return [...largeRows(sizes), ...smallRows(sizes), ...cloneRows(sizes), git(sizes), middle(sizes)]
}

function largeRows({ largeBytes: bytes }: FilesSizes): Row[] {
  const columns: Column[] = [megabytes, { figure: 'cpuMs', title: 'CPU per MB', unit: 'ms' }]
  const size = `${bytes / 1e6} MB`
  const row = (
    name: string,
    task: 'writeLargeFile' | 'readLarge',
    title: string,
    times: number,
  ) => {
    const cells = cellsOf(ALL, { task, parameters: { bytes } })
    return { name, title, cells, columns, goals: beside(times, megabytes.figure) }
  }
  return [
    row('write', 'writeLargeFile', `a file of ${size} written as a stream`, 1.5),
    row('read', 'readLarge', `a file of ${size} read as a stream`, 0.7),
  ]
}

function smallRows({ smallFiles, inFlight }: FilesSizes): Row[] {
  const columns: Column[] = [files, { figure: 'cpuMicroseconds', title: 'CPU each', unit: 'µs' }]
  const writing = (many: number): Work => {
    return { task: 'writeSmallFiles', parameters: { files: smallFiles, inFlight: many } }
  }
  const reading: Work = { task: 'readSmallFiles', parameters: { files: smallFiles } }
  const count = `${thousands(smallFiles)} files of 1 KB`
  const one = cellOf('hyperdrive, one', 'hyperdrive', writing(1))
  return [
    {
      name: 'small',
      title: `${count} written one after another`,
      cells: cellsOf(ALL, writing(1)),
      columns,
      goals: beside(2.5, files.figure),
    },
    {
      name: 'small-in-flight',
      title: `${count}, ${inFlight} in flight`,
      cells: [...cellsOf(ALL, writing(inFlight)), one],
      columns,
      goals: [...beside(1, files.figure), atLeast(20, 'hyperdrive, one', files.figure)],
    },
    {
      name: 'read-small',
      title: `${count} read one after another`,
      cells: cellsOf(ALL, reading),
      columns,
      goals: beside(3, files.figure),
    },
  ]
}

function cloneRows({ largeBytes, smallFiles }: FilesSizes): Row[] {
  return [
    {
      name: 'clone',
      title: `the file of ${largeBytes / 1e6} MB brought to a second replica`,
      cells: cellsOf(REPLICATING, { task: 'cloneLarge', parameters: { bytes: largeBytes } }),
      columns: [megabytes, { figure: 'bytesRatio', title: 'bytes / data', unit: '×' }],
      goals: beside(1.5, megabytes.figure),
    },
    {
      name: 'clone-small',
      title: `the ${thousands(smallFiles)} files brought to a second replica`,
      cells: cellsOf(REPLICATING, { task: 'cloneSmall', parameters: { files: smallFiles } }),
      columns: [files, { figure: 'bytesEach', title: 'bytes each', unit: 'bytes' }],
      goals: beside(10, files.figure),
    },
  ]
}

function git({ gitFiles }: FilesSizes): Row {
  const contenders: readonly ContenderName[] = ['our-files', 'node:fs']
  return {
    name: 'git',
    title: `a clone and checkout of ${gitFiles} files by isomorphic-git`,
    cells: cellsOf(contenders, { task: 'gitClone', parameters: { files: gitFiles } }),
    columns: [
      { figure: 'ms', title: 'time', unit: 'ms' },
      { figure: 'filesPerSecond', title: 'files/s', unit: 'per second' },
    ],
    goals: [
      {
        text: 'time ≤ 1.5 × node:fs',
        unit: '×',
        sense: 'at most',
        limit: 1.5,
        value: ratio('ours', 'node:fs', 'ms'),
      },
    ],
  }
}

function middle({ remoteBytes: bytes, readBytes: read, delayMs }: FilesSizes): Row {
  return {
    name: 'middle',
    title: `${read} bytes from the middle of a remote file of ${bytes / 2 ** 20} MiB`,
    cells: cellsOf(REPLICATING, { task: 'middleRead', parameters: { bytes, read, delayMs } }),
    columns: [
      { figure: 'roundTrips', title: 'round trips', unit: 'round trips' },
      { figure: 'bytes', title: 'bytes', unit: 'bytes' },
      { figure: 'ms', title: 'time', unit: 'ms' },
      { figure: 'openRoundTrips', title: 'opening before: round trips', unit: 'round trips' },
      { figure: 'openBytes', title: 'bytes', unit: 'bytes' },
    ],
    goals: [
      {
        text: '≤ 3 round trips',
        unit: 'round trips',
        sense: 'at most',
        limit: 3,
        value: figure('ours', 'roundTrips'),
      },
      {
        text: '≤ 2 chunks and the index',
        unit: 'bytes',
        sense: 'at most',
        limit: TWO_CHUNKS + INDEX_BYTES_MAX,
        value: figure('ours', 'bytes'),
      },
    ],
    once: true,
  }
}

// "In no row are we slower than hyperdrive", whatever the goal.
function beside(times: number, name: string): Goal[] {
  return [...new Set([times, 1])].map((limit) => atLeast(limit, 'hyperdrive', name))
}
