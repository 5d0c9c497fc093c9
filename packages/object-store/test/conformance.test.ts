import { conformanceCases } from '@datagram/conformance'
import { describe, it } from 'vitest'
import { objectsSubject } from './subject.ts'

describe('the store of objects conforms', () => {
  it.each(conformanceCases(objectsSubject))('$name', ({ run }) => run())
})
