/** Options of `Container.open`. */
export interface ContainerOptions {
  /** Hears of failures in the background that no call is waiting for. */
  readonly onProblem?: (problem: unknown) => void
}
