/** How much each row does. Delays are one way, of the link. */
export interface Sizes {
  readonly keys: number
  readonly batch: number
  readonly singlePuts: number
  readonly inFlight: number
  readonly inFlightPuts: number
  readonly gets: number
  readonly manyKeys: number
  readonly fewKeys: number
  /** Keys at the beginning and the end of the large load that are timed apart. */
  readonly part: number
  /** How long a peer may take for the large load. */
  readonly limitMs: number
  readonly delayMs: number
  readonly coldKeys: number
  readonly laterKeys: number
  readonly rangeEntries: number
  readonly ranges: number
  readonly overwriteKeys: number
  readonly overwriteTimes: number
  readonly reopenTimes: number
}

/** As the goals ask. */
export const fullSizes: Sizes = {
  keys: 100_000,
  batch: 1000,
  singlePuts: 20_000,
  inFlight: 64,
  inFlightPuts: 200_000,
  gets: 100_000,
  manyKeys: 1_000_000,
  fewKeys: 1000,
  part: 100_000,
  limitMs: 120_000,
  delayMs: 20,
  coldKeys: 9,
  laterKeys: 20,
  rangeEntries: 1000,
  ranges: 5,
  overwriteKeys: 100_000,
  overwriteTimes: 10,
  reopenTimes: 7,
}

/** To see whether everything works; its figures say little. */
export const quickSizes: Sizes = {
  ...fullSizes,
  keys: 10_000,
  singlePuts: 2000,
  inFlightPuts: 20_000,
  gets: 20_000,
  manyKeys: 100_000,
  part: 20_000,
  limitMs: 20_000,
  delayMs: 10,
  coldKeys: 3,
  laterKeys: 5,
  ranges: 2,
  overwriteKeys: 5000,
  reopenTimes: 3,
}
