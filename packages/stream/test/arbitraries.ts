import fc from 'fast-check'
import type { Frame, FrameBody, FrameOperation } from '../src/index.ts'

const bytes = (maxLength: number) => fc.uint8Array({ maxLength })
const inlineBody = bytes(40).map((content): FrameBody => ({ bytes: content, offset: 0 }))
const chunkedBody = fc
  .record({
    size: fc.integer({ min: 1, max: 128 * 1024 * 1024 }),
    chunkBytes: fc.integer({ min: 1024, max: 8 * 1024 * 1024 }),
    further: fc.integer({ min: 0, max: 300 }),
  })
  .map(
    ({ size, chunkBytes, further }): FrameBody => ({
      size,
      back: Math.ceil(size / chunkBytes) + further,
      chunkBytes,
    }),
  )
const body = fc.oneof(inlineBody, chunkedBody)
const common = { space: fc.integer({ min: 0, max: 255 }), last: fc.boolean() }

export const anyOperation: fc.Arbitrary<FrameOperation> = fc.oneof(
  fc.record({ ...common, type: fc.constant('put' as const), key: bytes(20), body }),
  fc.record({ ...common, type: fc.constant('del' as const), key: bytes(20) }),
  fc.record({
    ...common,
    type: fc.constant('object' as const),
    descriptor: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    body,
  }),
  fc.record({
    ...common,
    type: fc.constant('revision' as const),
    n: fc.nat(),
    descriptor: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    body,
  }),
  fc.record({ ...common, type: fc.constant('forget-entry' as const), key: bytes(20) }),
  fc.record({
    ...common,
    type: fc.constantFrom('forget-object' as const, 'retire' as const),
    n: fc.nat(),
  }),
  fc.record({
    ...common,
    type: fc.constant('forgotten' as const),
    n: fc.nat(),
    descriptor: fc.nat(),
    size: fc.integer({ min: 0, max: 128 * 1024 * 1024 }),
    lay: fc.option(
      fc
        .record({
          start: fc.integer({ min: 1, max: 2 ** 40 }),
          blocks: fc.integer({ min: 1, max: 600 }),
        })
        .map(({ start, blocks }) => ({ start, end: start + blocks })),
      { nil: undefined },
    ),
  }),
  fc.record({
    ...common,
    type: fc.constant('forget-range' as const),
    from: bytes(20),
    to: fc.option(bytes(20), { nil: undefined }),
  }),
  fc.record({
    ...common,
    type: fc.constant('moved' as const),
    block: fc.integer({ min: 1, max: 2 ** 40 }),
    back: fc.integer({ min: 1, max: 2 ** 40 }),
  }),
  fc.record({ ...common, type: fc.constant('gap' as const), bytes: fc.nat({ max: 600 }) }),
  fc.record({
    ...common,
    type: fc.constant('lost' as const),
    descriptor: fc.nat(),
    size: fc.nat({ max: 600 }),
  }),
)

export const anyFrame: fc.Arbitrary<Frame> = fc
  .record({
    first: fc.integer({ min: 0, max: 2 ** 40 }),
    seen: fc.array(
      fc.record({
        writer: fc.integer({ min: 0, max: 1000 }),
        length: fc.integer({ min: 0, max: 2 ** 40 }),
      }),
      { maxLength: 3 },
    ),
    operations: fc.array(anyOperation, { maxLength: 6 }),
  })
  .map(({ first, seen, operations }) => ({
    firstObject: operations.some(({ type }) => type === 'object' || type === 'lost')
      ? first
      : undefined,
    seen,
    operations,
  }))
