import { type Goal, ratio } from '../row.ts'

/** That ours is at least so many times a peer, by the figure of this name. */
export function atLeast(limit: number, peer: string, name: string): Goal {
  const text = `ours ≥ ${limit} × ${peer}`
  return { text, unit: '×', sense: 'at least', limit, value: ratio('ours', peer, name) }
}
