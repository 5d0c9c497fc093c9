import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { temporaryFs } from './temporary-fs.ts'

describe('a watcher', () => {
  it('tells of names that come and go, and of files that change', async () => {
    const fs = await temporaryFs()
    await fs.promises.mkdir('/d/inner', { recursive: true })
    await fs.promises.writeFile('/d/a', '1')
    const events = fs.promises.watch('/d', { recursive: true })[Symbol.asyncIterator]()
    const next = async () => {
      const { value } = await events.next()
      return `${value.eventType} ${value.filename}`
    }
    const first = next()
    // The iterator looks at the names first; only then is anything new to it.
    await new Promise((resolve) => setTimeout(resolve, 50))
    await fs.promises.writeFile('/d/a', '2')
    expect(await first).toBe('change a')
    await fs.promises.writeFile('/d/inner/new', 'x')
    expect(await next()).toBe('rename inner/new')
    await fs.promises.rename('/d/a', '/d/b')
    expect([await next(), await next()].sort()).toEqual(['rename a', 'rename b'])
    await fs.promises.unlink('/d/b')
    expect(await next()).toBe('rename b')
    await events.return?.()
  })

  it('is an emitter too, of one file, until it is closed', async () => {
    const fs = await temporaryFs()
    await fs.promises.writeFile('/a', '1')
    const watcher = fs.watch('/a')
    const changed = once(watcher, 'change')
    const writing = setInterval(() => void fs.promises.appendFile('/a', '2'), 20)
    expect(await changed).toEqual(['change', 'a'])
    clearInterval(writing)
    const closed = once(watcher, 'close')
    watcher.close()
    await closed
    const [error] = await once(fs.watch('/none'), 'error')
    expect(error).toMatchObject({ code: 'ENOENT', syscall: 'watch' })
  })
})
