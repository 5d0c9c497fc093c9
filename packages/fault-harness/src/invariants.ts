/** One thing that must hold whenever a test has ended, whatever it did before. */
export interface Invariant {
  /** What holds, in a few words: `length equals the mark`. */
  readonly name: string
  /** Throws, or returns what is wrong, when it does not hold. */
  readonly check: () => void | string | undefined | Promise<void | string | undefined>
}

/** An invariant that did not hold. */
export interface BrokenInvariant {
  readonly name: string
  readonly details: string
  readonly cause?: unknown
}

/** Thrown by {@link checkInvariants}; its message lists every invariant that is broken, and why. */
export class InvariantError extends Error {
  readonly broken: readonly BrokenInvariant[]

  constructor(broken: readonly BrokenInvariant[], checked: number) {
    const lines = broken.map(({ name, details }) => `\n- ${name}: ${details}`)
    super(`${broken.length} of ${checked} invariants do not hold:${lines.join('')}`)
    this.name = 'InvariantError'
    this.broken = broken
  }
}

/**
 * Checks every invariant, one after another (they may read the same store), and throws one
 * {@link InvariantError} about all that are broken. Resolves with how many held. A room of the house
 * exports its invariants as a list, made from what it opened; a test joins the lists it needs.
 */
export async function checkInvariants(invariants: Iterable<Invariant>): Promise<number> {
  const broken: BrokenInvariant[] = []
  let checked = 0
  for (const { name, check } of invariants) {
    checked++
    try {
      const details = await check()
      if (typeof details === 'string') broken.push({ name, details })
    } catch (cause) {
      broken.push({ name, details: cause instanceof Error ? cause.message : String(cause), cause })
    }
  }
  if (checked === 0) throw new TypeError('no invariant was given, so nothing was checked')
  if (broken.length > 0) throw new InvariantError(broken, checked)
  return checked
}
