import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineDescriptor, list, optional, type StandardSchema } from '../src/index.ts'
import { thrown } from './thrown.ts'

const definition = {
  name: 'Account',
  version: 1,
  fields: { email: 'text', age: optional('integer'), tags: list('text') },
} as const
const libraries = {
  zod: { email: z.email(), age: z.int().min(18), tags: z.array(z.string().min(2)) },
  valibot: {
    email: v.pipe(v.string(), v.email()),
    age: v.pipe(v.number(), v.minValue(18)),
    tags: v.array(v.pipe(v.string(), v.minLength(2))),
  },
}
const Plain = defineDescriptor(definition)
const good = { email: 'ada@example.org', age: 36, tags: ['ab'] }

describe.each(Object.entries(libraries))('fields that %s checks', (_, checks) => {
  const Account = defineDescriptor(definition, { checks })
  const bad = { email: 'nobody', age: 5, tags: ['ok', 'x'] }

  it('are refused with the path of what is wrong, however a value is made', () => {
    const paths = [['email'], ['age'], ['tags', 1]]
    for (const make of [
      () => Account.create(bad),
      () => Account.encode(bad),
      () => Account.toJSON(bad),
      () => Account.fromJSON(bad),
    ]) {
      const error = thrown(make)
      expect(error.code).toBe('DATA_INVALID')
      const problems = error.details?.['problems'] as readonly { path: unknown }[]
      expect(problems.map(({ path }) => path)).toEqual(paths)
    }
    expect(Account.validate(bad)).toMatchObject({ valid: false })
    expect(Account['~standard'].validate(bad)).toHaveProperty('issues')
  })

  it('pass when they fit, absent ones unasked; the definition and the bytes are the same', () => {
    expect(Account.encode(good)).toEqual(Plain.encode(good))
    expect(Account.create({ email: good.email, tags: [] })).toEqual({ email: good.email, tags: [] })
    expect(Account.idText).toBe(Plain.idText)
  })

  it('are read all the same: what is there is there', () => {
    expect(Account.decode(Plain.encode(bad))).toEqual(bad)
  })

  it('are asked only once they fit their kinds', () => {
    const result = Account.validate({ ...good, age: 'old' })
    expect(result.valid || result.problems.map(({ path }) => path)).toEqual([['age']])
  })
})

describe('a check', () => {
  it('changes nothing', () => {
    const Trimmed = defineDescriptor(definition, { checks: { email: z.string().trim() } })
    expect(Trimmed.create({ ...good, email: ' a ' }).email).toBe(' a ')
  })

  it('may be a descriptor, which validators take for a schema in turn', () => {
    const Inner = defineDescriptor({ name: 'Inner', version: 1, fields: { x: 'integer' } })
    const Outer = defineDescriptor(
      { name: 'Outer', version: 1, fields: { inner: Inner } },
      { checks: { inner: Inner } },
    )
    expect(Outer.create({ inner: { x: 1 } })).toEqual({ inner: { x: 1 } })
    const standard: StandardSchema = Outer
    expect(standard['~standard'].validate({ inner: { x: 'no' } })).toMatchObject({
      issues: [{ path: ['inner', 'x'] }],
    })
  })

  it('of a field that is not there, that is none, or that answers later is misuse', () => {
    const misused = [{ nobody: z.string() }, { email: 'x' }, { email: null }]
    for (const checks of misused) {
      const define = () => defineDescriptor(definition, { checks: checks as never })
      expect(define).toThrow(TypeError)
    }
    const late = z.string().refine(async () => false)
    const Late = defineDescriptor(definition, { checks: { email: late } })
    expect(() => Late.create(good)).toThrow(TypeError)
  })
})
