import { runChild } from '@datagram/fault-harness'
import { expect, it } from 'vitest'

it('opens chats without loading hypercore', async () => {
  const script = new URL('./lightness-child.ts', import.meta.url)
  const { acknowledged, output } = await runChild(script)
  const [loaded] = acknowledged as string[][]
  expect(loaded, output).toBeDefined()
  // The native module that locks files is seen, so hypercore would be.
  expect(loaded?.filter((path) => /\/(fd-lock|hypercore)\//.test(path))).toEqual([
    expect.stringContaining('/fd-lock/'),
  ])
})
