import { describe, expect, it } from 'vitest'
import { checkInvariants, type Invariant, InvariantError } from '../src/index.ts'

const holds: Invariant = { name: 'one is one', check: () => undefined }

describe('checkInvariants', () => {
  it('counts what held', async () => {
    expect(await checkInvariants([holds, { name: 'later', check: async () => undefined }])).toBe(2)
  })

  it('reports all that is broken, not the first only', async () => {
    const cause = new Error('it is 4')
    const checks: Invariant[] = [
      { name: 'length', check: () => 'expected 3, found 4' },
      holds,
      { name: 'mark', check: () => Promise.reject(cause) },
    ]
    const error = await checkInvariants(checks).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(InvariantError)
    expect((error as InvariantError).message).toBe(
      '2 of 3 invariants do not hold:\n- length: expected 3, found 4\n- mark: it is 4',
    )
    expect((error as InvariantError).broken[1]).toEqual({ name: 'mark', details: 'it is 4', cause })
  })

  it('does not pass when there was nothing to check', async () => {
    await expect(checkInvariants([])).rejects.toThrow(TypeError)
  })
})
