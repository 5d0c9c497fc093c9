import { conformanceCases } from '@datagram/conformance'
import { describe, it } from 'vitest'
import { fsSubject } from './subject.ts'

describe('the file system conforms', () => {
  it.each(conformanceCases(fsSubject))('$name', ({ run }) => run())
})
