/** When a child process dies by SIGKILL. */
export type KillMoment =
  /** At the `count`-th message (default the first) of a step on the channel `datagram.step`. */
  | { readonly step: string; readonly count?: number }
  /** Right after its `acknowledgements`-th acknowledgement was handed over. */
  | { readonly acknowledgements: number }
  /** This long after its first acknowledgement, in milliseconds, whatever it is doing then. */
  | { readonly afterMs: number }
  /** This long after it was started, in milliseconds: while it opens a store, for one. */
  | { readonly afterStartMs: number }

/** What the parent tells the child, in the environment, as JSON. */
export interface ChildPlan {
  readonly options: unknown
  readonly killAt?: KillMoment
  readonly recordSyncs: boolean
}

/** What the child tells the parent, one JSON line each on {@link REPORT_FD}. */
export type ChildReport =
  | { readonly acknowledged: unknown }
  | { readonly synced: readonly [inode: number, bytes: number] }
  | { readonly step: string }

/** Name of the environment's variable that holds the plan. */
export const PLAN_VARIABLE = 'DATAGRAM_CHILD_PLAN'
/**
 * A pipe of its own, written with `writeSync`: a report that was written is in the kernel's hands,
 * and no death of the child takes it back. (Standard output and an IPC channel are buffered.)
 */
export const REPORT_FD = 3
/** Name of the diagnostics channel on which packages publish their steps. */
export const STEP_CHANNEL = 'datagram.step'
