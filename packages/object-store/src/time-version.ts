/** The next time version: now, in unix seconds with decimals, and in any case after `floor`. */
export function nextTimeVersion(nowMs: number, floor: number): number {
  const now = nowMs / 1000
  if (now > floor) return now
  // A microsecond later, and where that makes no difference any more, the next number there is.
  const later = Math.round((floor + 1e-6) * 1e6) / 1e6
  return later > floor ? later : nextNumber(floor)
}

function nextNumber(from: number): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, from)
  view.setBigUint64(0, view.getBigUint64(0) + 1n)
  return view.getFloat64(0)
}
