export { type ConformanceCase, withKnownGaps } from './conformance-case.ts'
export { conformanceCases } from './conformance-cases.ts'
export { openOnStore } from './open-on-store.ts'
export type { OpenedSubject, Place, Subject, SubjectActions } from './subject.ts'
