/** How far ahead a cursor reads: leaves in windows, the next on its way while one is used. */
export interface ReadAhead {
  /** Leaves of the first window; most ranges are short. */
  readonly leavesMin: number
  /** Each window has so many times the leaves of the one before … */
  readonly growth: number
  /** … up to this number, … */
  readonly leavesMax: number
  /** … and to these bytes: leaves of large values are more than the usual 8 KB each. */
  readonly bytesMax: number
  /** Fences asked for together: that of the group the cursor is in, and of those after it. */
  readonly fences: number
}

const MIB = 1024 * 1024

/** Of blocks that are on this machine. */
export const NEAR: ReadAhead = {
  leavesMin: 8,
  growth: 2,
  leavesMax: 128,
  bytesMax: 2 * MIB,
  fences: 2,
}

// The fences of 256 MiB: about half a megabyte.
const FAR_FENCES_MAX = 256
// A group seldom has fewer entries.
const GROUP_ENTRIES = 4096

/**
 * Of blocks that may be far away: what is asked for together costs one wait. A reader of everything waits
 * about once for each 8 MiB; one that stops early has asked for little in vain.
 */
export function far(limit: number | undefined): ReadAhead {
  const fences =
    limit === undefined
      ? FAR_FENCES_MAX
      : Math.min(FAR_FENCES_MAX, NEAR.fences + Math.floor(limit / GROUP_ENTRIES))
  return { leavesMin: 8, growth: 4, leavesMax: 512, bytesMax: 4 * MIB, fences }
}
