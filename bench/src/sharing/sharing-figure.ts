/** One figure and its goal: at most `limit`. */
export interface SharingFigure {
  readonly work: string
  readonly figure: string
  readonly value: number
  readonly limit: number
}

/** Where and how much a part measures. */
export interface SharingGround {
  /** An empty folder of its own. */
  readonly folder: string
  readonly quick: boolean
}
