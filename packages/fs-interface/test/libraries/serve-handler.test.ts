import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRequire } from 'node:module'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { DatagramFs } from '../../src/index.ts'
import { temporaryFs } from '../temporary-fs.ts'

/** serve-handler ships no types: as far as it is used here. */
type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  config: object,
  calls: object,
) => Promise<void>

const require = createRequire(import.meta.url)
const handle = require('serve-handler') as Handler

async function serve({ promises, createReadStream }: DatagramFs): Promise<string> {
  const { lstat, realpath, readdir } = promises
  const calls = { lstat, realpath, readdir, createReadStream }
  const server = http.createServer((request, response) => {
    void handle(request, response, { public: '/site', cleanUrls: false }, calls)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('serve-handler', () => {
  it('serves files, ranges of them and listings', { timeout: 60_000 }, async () => {
    const fs = await temporaryFs()
    const bytes = Buffer.from(Array.from({ length: 700_000 }, (_, i) => i % 251))
    await fs.promises.mkdir('/site/inner', { recursive: true })
    await fs.promises.writeFile('/site/large.bin', bytes)
    await fs.promises.writeFile('/site/inner/page.html', '<p>ü')
    const url = await serve(fs)
    const whole = await fetch(`${url}/large.bin`)
    expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true)
    const range = await fetch(`${url}/large.bin`, { headers: { range: 'bytes=262000-524999' } })
    expect(range.status).toBe(206)
    const part = Buffer.from(await range.arrayBuffer())
    expect(part.equals(bytes.subarray(262_000, 525_000))).toBe(true)
    expect(await (await fetch(`${url}/inner/page.html`)).text()).toBe('<p>ü')
    expect(await (await fetch(`${url}/inner`)).text()).toContain('page.html')
    expect((await fetch(`${url}/none`)).status).toBe(404)
  })
})
