/** One thing that every implementation does. Any test runner can loop over a list of them. */
export interface ConformanceCase {
  /** Stable name, for lists of known gaps: `reopen-keeps`. */
  readonly key: string
  /** What it shows, in words. */
  readonly name: string
  /** Resolves when it holds; rejects with what is wrong when it does not. */
  readonly run: () => Promise<void>
}

/**
 * `cases`, with the known gaps turned round: a gap is run and must fail, so that one that has been closed
 * is noticed and struck off. `gaps`: case key → why it is not closed yet. Throws a TypeError for a key
 * that no case has.
 */
export function withKnownGaps(
  cases: readonly ConformanceCase[],
  gaps: Readonly<Record<string, string>>,
): readonly ConformanceCase[] {
  for (const key of Object.keys(gaps)) {
    if (!cases.some((one) => one.key === key)) throw new TypeError(`there is no case ${key}`)
  }
  return cases.map((one) => {
    const why = gaps[one.key]
    return why === undefined ? one : knownGap(one, why)
  })
}

function knownGap({ key, name, run }: ConformanceCase, why: string): ConformanceCase {
  return {
    key,
    name: `known gap (${why}): ${name}`,
    run: async () => {
      const failed = await run().then(
        () => false,
        () => true,
      )
      if (!failed) throw new Error(`the known gap ${key} is closed: take it off the list`)
    },
  }
}
