import { describe, expect, it } from 'vitest'
import { DatagramError, isDatagramError } from '../src/index.ts'

describe('DatagramError', () => {
  it('carries its code, message, cause and details', () => {
    const cause = new Error('disk')
    const error = new DatagramError('LOG_CLOSED', 'the log is closed; open it again', {
      cause,
      details: { name: 'a' },
    })
    expect(error).toBeInstanceOf(Error)
    expect(error.code).toBe('LOG_CLOSED')
    expect(error.cause).toBe(cause)
    expect(error.details).toEqual({ name: 'a' })
    expect(error.name).toBe('DatagramError')
  })

  it('is recognised by symbol, so a second copy of the package counts too', () => {
    const foreign = Object.assign(new Error('from another copy'), { code: 'LOG_CLOSED' })
    Object.defineProperty(foreign, Symbol.for('datagram.error'), { value: true })
    expect(isDatagramError(foreign)).toBe(true)
    expect(isDatagramError(foreign, 'LOG_CLOSED')).toBe(true)
    expect(isDatagramError(foreign, 'LOG_OTHER')).toBe(false)
  })

  it('does not recognise other errors or values', () => {
    for (const value of [undefined, null, 'LOG_CLOSED', { code: 'LOG_CLOSED' }, new Error('x')]) {
      expect(isDatagramError(value)).toBe(false)
    }
  })
})
