/** Options of `Container.open`. */
export interface ContainerOptions {
  /** Hears of failures in the background that no call is waiting for. */
  readonly onProblem?: (problem: unknown) => void
  /**
   * `kept`, the default: streams that are made from now on prove to their readers who made them, by a key of this folder.
   * `none`: they name nobody, so that nobody can tell two of them to be of one author.
   */
  readonly authorKey?: 'kept' | 'none' | undefined
}
