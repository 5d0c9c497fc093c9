import { defineDescriptor, optional } from '@datagram/descriptors'
import { describe, expectTypeOf, it } from 'vitest'
import type { DescribedObject, ObjectStream } from '../src/index.ts'

const Note = defineDescriptor({
  name: 'Note',
  version: 1,
  fields: { at: 'time', text: optional('text') },
})
type Value = { readonly at: number; readonly text?: string }

declare const stream: ObjectStream

describe('the types of a stream of objects', () => {
  it('follow from the descriptor', () => {
    expectTypeOf(stream.objects({ type: Note })).toEqualTypeOf<
      AsyncIterable<DescribedObject<Value>>
    >()
    expectTypeOf(stream.objects({ type: 'Note' })).toEqualTypeOf<AsyncIterable<DescribedObject>>()
    expectTypeOf(stream.objects()).toEqualTypeOf<AsyncIterable<DescribedObject>>()
    expectTypeOf<DescribedObject<Value>['value']>().returns.resolves.toEqualTypeOf<Value>()
  })

  it('refuse what does not fit', () => {
    void (() => stream.add(Note, { at: new Date() }))
    // @ts-expect-error a field is missing
    void (() => stream.add(Note, {}))
    // @ts-expect-error no kind of value can be looked for like this
    void (() => stream.objects({ where: { at: () => true } }))
  })
})
