import { aliasingCases } from './aliasing-cases.ts'
import { atomicityCases, joiningCases } from './atomicity-cases.ts'
import { concurrencyCases } from './concurrency-cases.ts'
import { type ConformanceCase, withKnownGaps } from './conformance-case.ts'
import { isolationCases } from './isolation-cases.ts'
import { lifecycleCases } from './lifecycle-cases.ts'
import { persistenceCases } from './persistence-cases.ts'
import { replicaCases } from './replica-cases.ts'
import type { Subject } from './subject.ts'

/**
 * What every stream interface does, as a list that any test runner can loop over:
 *
 * ```ts
 * for (const { name, run } of conformanceCases(subject)) it(name, run)
 * ```
 *
 * Each case works in a folder of its own and clears it away. Cases of actions that the subject does not
 * have are left out. Throws a TypeError when `subject.gaps` names a case that there is not.
 */
export function conformanceCases<Api extends object>(
  subject: Subject<Api>,
): readonly ConformanceCase[] {
  const cases = [
    ...lifecycleCases(subject),
    ...persistenceCases(subject),
    ...atomicityCases(subject),
    ...joiningCases(subject),
    ...isolationCases(subject),
    ...aliasingCases(subject),
    ...concurrencyCases(subject),
    ...replicaCases(subject),
  ]
  return withKnownGaps(cases, subject.gaps ?? {})
}
