import { conformanceCases } from '@datagram/conformance'
import { describe, it } from 'vitest'
import { kvSubject } from './subject.ts'

describe('the key/value store conforms', () => {
  it.each(conformanceCases(kvSubject))('$name', ({ run }) => run())
})
