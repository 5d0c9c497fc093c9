import type { Contender } from './contender.ts'

/** What a measurement has found, by names that its row knows. */
export type Figures = Readonly<Record<string, number>>

/** What is measured, and where. */
export interface Subject<C = Contender> {
  readonly contender: C
  /** An empty folder for this measurement alone. */
  readonly folder: string
  /** A folder with a store that was loaded before, where the row asks for one; else ''. */
  readonly fixture: string
}

/**
 * One measurement, in a process of its own. It checks what it reads back: a wrong answer is an error, and
 * never a figure.
 */
export type Task<P, C = Contender> = (subject: Subject<C>, parameters: P) => Promise<Figures>
