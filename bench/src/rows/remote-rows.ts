import type { ContenderName } from '../contender.ts'
import type { Work } from '../measurement.ts'
import { thousands } from '../number-format.ts'
import { figure, type Goal, type Look, type Row, type Unit } from '../row.ts'
import type { Sizes } from '../sizes.ts'
import { cellOf, cellsOf } from './cells.ts'

const PEERS = ['hyperbee', 'hyperbee2'] as const
const COLD_BYTES_MAX = 65_536
// Puts that our index has not taken in yet.
const TAIL = 40

/** Rows over a link: what a replica fetches, and how often it waits. */
export function remoteRows(sizes: Sizes): Row[] {
  return [get(sizes), range(sizes), everything(sizes)]
}

function get({ keys, delayMs, coldKeys, laterKeys }: Sizes): Row {
  const work: Work = { task: 'remoteGet', parameters: { keys, delayMs, coldKeys, laterKeys } }
  return {
    name: 'remote-get',
    title: `remote, sparse: one cold get of ${thousands(keys)} keys, then later ones; worst of ${coldKeys} and of ${laterKeys}`,
    cells: [
      ...cellsOf(['our-stream', ...PEERS], work, keys),
      cellOf(`ours, ${TAIL} puts later`, 'our-stream', work, {
        keys,
        tail: TAIL,
        ending: 'closed',
      }),
    ],
    columns: [
      { figure: 'coldRoundTrips', title: 'cold: round trips', unit: 'round trips' },
      { figure: 'coldBytes', title: 'bytes', unit: 'bytes' },
      { figure: 'coldBytesMedian', title: 'bytes, median', unit: 'bytes' },
      { figure: 'coldMs', title: 'time', unit: 'ms' },
      { figure: 'laterRoundTrips', title: 'later: round trips', unit: 'round trips' },
      { figure: 'laterBytesMedian', title: 'bytes, median', unit: 'bytes' },
    ],
    goals: [
      atMost(3, 'round trips', 'cold', 'coldRoundTrips'),
      atMost(COLD_BYTES_MAX, 'bytes', 'cold', 'coldBytes'),
      atMost(1, 'round trips', 'later', 'laterRoundTrips'),
      noMore('cold: bytes', 'coldBytes', PEERS),
    ],
    once: true,
  }
}

function range({ keys, delayMs, rangeEntries: entries, ranges }: Sizes): Row {
  const work: Work = { task: 'remoteRange', parameters: { keys, delayMs, entries, ranges } }
  return {
    name: 'remote-range',
    title: `remote, sparse: a cold range of ${thousands(entries)} of ${thousands(keys)} keys; worst of ${ranges}`,
    cells: cellsOf(['our-stream', ...PEERS], work, keys),
    columns: [
      { figure: 'roundTrips', title: 'round trips', unit: 'round trips' },
      { figure: 'bytes', title: 'bytes', unit: 'bytes' },
      { figure: 'bytesRatio', title: 'bytes / data', unit: '×' },
      { figure: 'ms', title: 'time', unit: 'ms' },
    ],
    goals: [
      atMost(3, 'round trips', 'range', 'roundTrips'),
      atMost(1.3, '×', 'bytes / data', 'bytesRatio'),
      noMore('bytes', 'bytes', PEERS),
    ],
    once: true,
  }
}

function everything({ keys, delayMs }: Sizes): Row {
  const cell = (contender: ContenderName, way: 'scan' | 'log', label: string) => {
    const work: Work = { task: 'remoteAll', parameters: { keys, delayMs, way } }
    return cellOf(label, contender, work, { keys, ending: 'closed' })
  }
  const peers = ['hyperbee, whole log', 'hyperbee2, scan', 'hyperbee2, whole log']
  return {
    name: 'remote-all',
    title: `remote: all of ${thousands(keys)} keys, first time, over a link of ${2 * delayMs} ms there and back`,
    cells: [
      cell('our-stream', 'scan', 'ours, scan'),
      cell('our-stream', 'log', 'ours, download'),
      cell('hyperbee', 'log', 'hyperbee, whole log'),
      cell('hyperbee2', 'scan', 'hyperbee2, scan'),
      cell('hyperbee2', 'log', 'hyperbee2, whole log'),
    ],
    columns: [
      { figure: 'ms', title: 'time', unit: 'ms' },
      { figure: 'roundTrips', title: 'round trips', unit: 'round trips' },
      { figure: 'bytes', title: 'bytes', unit: 'bytes' },
      { figure: 'bytesRatio', title: 'bytes / data', unit: '×' },
      { figure: 'localMs', title: 'again, without the author', unit: 'ms' },
    ],
    goals: [
      {
        ...atMost(10, 'round trips', 'everything', 'roundTrips'),
        value: figure('ours, scan', 'roundTrips'),
      },
      {
        ...atMost(1.2, '×', 'bytes / data', 'bytesRatio'),
        value: figure('ours, scan', 'bytesRatio'),
      },
      {
        text: '≥ 10 × faster than hyperbee2, scan',
        unit: '×',
        sense: 'at least',
        limit: 10,
        value: (look) => look('hyperbee2, scan', 'ms') / look('ours, scan', 'ms'),
      },
      noMore('time', 'ms', peers, 'ours, scan'),
      noMore('bytes', 'bytes', peers, 'ours, scan'),
    ],
    once: true,
  }
}

function atMost(limit: number, unit: Unit, what: string, name: string): Goal {
  const text = `${what} ≤ ${limit >= 10_000 ? thousands(limit) : limit} ${unit}`
  return { text, unit, sense: 'at most', limit, value: figure('ours', name) }
}

// "In no row are we slower, or read more over the network, than the better of the peers."
function noMore(what: string, name: string, peers: readonly string[], own = 'ours'): Goal {
  const value = (look: Look) => look(own, name) / Math.min(...peers.map((peer) => look(peer, name)))
  return { text: `${what} ≤ those of the best peer`, unit: '×', sense: 'at most', limit: 1, value }
}
