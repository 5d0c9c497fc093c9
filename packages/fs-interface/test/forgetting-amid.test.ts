import b4a from 'b4a'
import { expect, it } from 'vitest'
import { logsOf, streamOver, temporaryStore } from '../../stream/test/open-streams.ts'
import { fsInterface } from '../src/index.ts'

const MIB = 1024 * 1024

async function files() {
  const logs = await logsOf(await temporaryStore())
  const { api, main } = await streamOver(logs, fsInterface)
  return { fs: api.promises, main }
}

it('copies a large file whole, though the copy forgets what was there', async () => {
  const { fs } = await files()
  const content = b4a.alloc(9 * MIB + 5, 'content ')
  await fs.writeFile('/from', content)
  for (let round = 0; round < 2; round++) {
    await fs.writeFile('/to', `before ${round}`)
    await fs.copyFile('/from', '/to', 0, { previous: 'forget' })
    expect(b4a.equals(await fs.readFile('/to'), content)).toBe(true)
  }
})

it('copies a large file whole, while others are forgotten', async () => {
  const { fs } = await files()
  const content = b4a.alloc(9 * MIB + 5, 'content ')
  await fs.writeFile('/from', content)
  let isOver = false
  const forgetting = (async () => {
    let times = 0
    for (; !isOver; times++) {
      await fs.writeFile('/secret', 'secret')
      await fs.rm('/secret', { previous: 'forget' })
    }
    return times
  })()
  try {
    for (let round = 0; round < 2; round++) {
      await fs.copyFile('/from', `/to ${round}`)
      expect(b4a.equals(await fs.readFile(`/to ${round}`), content)).toBe(true)
    }
  } finally {
    isOver = true
  }
  expect(await forgetting).toBeGreaterThan(0)
})
