import { describe, expect, it } from 'vitest'
import { bounded, compareStamps, HybridClock, Lifecycle } from '../src/index.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })

describe('a lifecycle', () => {
  it('closes children newest first, once, and then refuses', async () => {
    const life = new Lifecycle('the thing', 'LOG_CLOSED')
    const order: string[] = []
    life.opened()
    life.assertOpen()
    for (const name of ['a', 'b']) life.adopt({ close: async () => void order.push(name) })
    const release = life.adopt({ close: async () => void order.push('released') })
    release()
    const closing = life.close(async () => void order.push('self'))
    expect(life.close(async () => void order.push('twice'))).toBe(closing)
    expect(life.signal.reason).toEqual(code('LOG_CLOSED'))
    await closing
    expect(order).toEqual(['b', 'a', 'self'])
    expect(() => life.assertOpen()).toThrow(code('LOG_CLOSED'))
    expect(() => life.opened()).toThrow(TypeError)
  })

  it('releases itself though a child fails, and says so', async () => {
    const life = new Lifecycle('the thing', 'LOG_CLOSED')
    life.opened()
    const failure = new Error('child')
    life.adopt({ close: () => Promise.reject(failure) })
    let released = false
    await expect(life.close(async () => void (released = true))).rejects.toBe(failure)
    expect(released).toBe(true)
    expect(life.state).toBe('closed')
  })
})

describe('a bounded wait', () => {
  const never = new Promise<never>(() => undefined)

  it('ends with the work, the time, or a signal', async () => {
    await expect(bounded(Promise.resolve(1), 'x', { timeoutMs: 1000 })).resolves.toBe(1)
    await expect(bounded(never, 'x', { timeoutMs: 5 })).rejects.toEqual(code('WAIT_TIMEOUT'))
    const abort = new AbortController()
    const wait = bounded(never, 'x', { signal: abort.signal })
    abort.abort(new Error('mine'))
    await expect(wait).rejects.toThrow('mine')
    await expect(bounded(never, 'x', {}, AbortSignal.abort(new Error('other')))).rejects.toThrow(
      'other',
    )
  })
})

describe('the hybrid clock', () => {
  it('rises strictly, whatever the wall clock does', () => {
    let wall = 1000
    const clock = new HybridClock(() => wall)
    const first = clock.next()
    wall = 500
    const second = clock.next()
    expect(compareStamps(second, first)).toBeGreaterThan(0)
    clock.observe({ ms: 2000, counter: 0xffff })
    expect(clock.next()).toEqual({ ms: 2001, counter: 0 })
    expect(() => clock.observe({ ms: wall + 5 * 60_000 + 1, counter: 0 })).toThrow(
      code('BLOCK_DAMAGED'),
    )
  })
})
