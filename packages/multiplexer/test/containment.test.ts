import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

// What the muxer does as it comes, and why it is guarded. When one of these tests fails, upstream has
// changed: see whether the guard is still needed, and whether what it overrides is still there.

const folder = new URL('..', import.meta.url)

async function runStock(program: string): Promise<string> {
  const prelude = `
    import Protomux from 'protomux'
    import NoiseSecretStream from '@hyperswarm/secret-stream'
    const [a, b] = [new NoiseSecretStream(true), new NoiseSecretStream(false)]
    a.rawStream.pipe(b.rawStream).pipe(a.rawStream)
    for (const one of [a, b]) one.on('error', () => undefined)
    const muxer = new Protomux(b)
    await a.opened
    const pause = () => new Promise((resolve) => setTimeout(resolve, 50))
  `
  const args = ['--input-type=module', '-e', `${prelude}\n${program}\nprocess.exit(0)`]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder })
  return stdout.trim()
}

test('one message of a stranger ends a process with the stock muxer', async () => {
  const program = `
    const bytes = [0, 0]
    for (let i = 0; i < 9000; i++) bytes.push(0, 0xfe, 255, 255, 255, 255, 0)
    a.write(Buffer.from(bytes))
    await pause()
    console.log('alive')
  `
  await expect(runStock(program)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('RangeError: Maximum call stack size exceeded'),
  })
})

test('a channel that is closed before it was answered stays open at the other side', async () => {
  const program = `
    const other = new Protomux(a)
    let theirs
    other.pair({ protocol: 'x' }, async () => {
      await pause()
      theirs = other.createChannel({ protocol: 'x' })
      theirs.open()
    })
    const mine = muxer.createChannel({ protocol: 'x' })
    mine.open()
    mine.close()
    await pause()
    await pause()
    await pause()
    console.log(mine.closed, theirs.opened, theirs.closed)
  `
  expect(await runStock(program)).toBe('true true false')
})

test('what the guard overrides is there', async () => {
  const program = `
    const methods = ['createChannel', '_safeDestroy', '_warn', '_onopensession']
    console.log(methods.map((name) => typeof Protomux.prototype[name]).join())
    console.log(Array.isArray(muxer._remote), muxer._destroying)
    const channel = muxer.createChannel({ protocol: 'x' })
    console.log(typeof channel.messages, channel.opened, channel.closed, typeof channel.fullyClosed)
  `
  expect(await runStock(program)).toBe(
    'function,function,function,function\ntrue false\nobject false false function',
  )
})
