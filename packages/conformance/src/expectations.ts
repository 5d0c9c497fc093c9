import assert from 'node:assert/strict'
import { isDatagramError } from '@datagram/errors'

/** Fails unless `actual` is these bytes; `undefined` stands for absence. */
export function expectBytes(
  actual: Uint8Array | undefined,
  expected: Uint8Array | undefined,
  what: string,
): void {
  assert.equal(shown(actual), shown(expected), what)
}

/** Fails unless `call` throws, or what it returns rejects, with an error of this code. */
export async function expectRefused(
  call: () => unknown,
  code: string,
  what: string,
): Promise<void> {
  let failure: unknown
  try {
    await settled(call())
    assert.fail(`${what} was not refused, but should be with ${code}`)
  } catch (error) {
    failure = error
  }
  if (failure instanceof assert.AssertionError) throw failure
  assert.ok(
    isDatagramError(failure, code),
    `${what} was refused with ${describe(failure)}, but should be with ${code}`,
  )
}

/** Fails unless `work` settles within `ms` milliseconds. */
export async function expectSettled(
  work: Promise<unknown>,
  ms: number,
  what: string,
): Promise<'resolved' | Error> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: `${what} hangs` })), ms)
  })
  const outcome = work.then(
    () => 'resolved' as const,
    (error: Error) => error,
  )
  try {
    return await Promise.race([outcome, late])
  } finally {
    clearTimeout(timer)
  }
}

// An iterator shows that it is refused when it is stepped.
async function settled(result: unknown): Promise<unknown> {
  const value = await result
  if (typeof value === 'object' && value !== null && 'next' in value) {
    return (value as AsyncIterator<unknown>).next()
  }
  if (typeof value === 'object' && value !== null && Symbol.asyncIterator in value) {
    return (value as AsyncIterable<unknown>)[Symbol.asyncIterator]().next()
  }
  return value
}

function shown(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return 'nothing'
  assert.ok(bytes instanceof Uint8Array, `bytes should be a Uint8Array, not ${typeof bytes}`)
  const hex = Buffer.from(bytes.subarray(0, 32)).toString('hex')
  return `${bytes.byteLength} bytes ${hex}${bytes.byteLength > 32 ? `… ${checksum(bytes)}` : ''}`
}

// Two long values that begin alike must not look alike.
function checksum(bytes: Uint8Array): number {
  let sum = 0
  for (const byte of bytes) sum = (sum * 31 + byte) >>> 0
  return sum
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? ` (${String(error.code)})` : ''
  return `${error.name}${code}: ${error.message}`
}
