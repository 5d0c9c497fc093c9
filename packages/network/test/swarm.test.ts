/// <reference path="./declarations.d.ts" />
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import createTestnet from 'hyperdht/testnet.js'
import { expect, onTestFinished, test } from 'vitest'
import { Backoff, joinSwarm, type OnPeer, type TcpAddress } from '../src/index.ts'

async function testnet(): Promise<readonly TcpAddress[]> {
  const net = await createTestnet(3)
  onTestFinished(() => net.destroy())
  return net.bootstrap
}

async function joined(topic: Uint8Array, bootstrap: readonly TcpAddress[], onPeer: OnPeer) {
  const swarm = await joinSwarm([topic], onPeer, { bootstrap })
  onTestFinished(() => swarm.close())
  return swarm
}

test('two sides under one topic find each other, and a third under another does not', async () => {
  const bootstrap = await testnet()
  const topic = randomBytes(32)
  const sides: boolean[] = []
  const found: Duplex[] = []
  const echo: OnPeer = (connection, { initiator }) => {
    sides.push(initiator)
    connection.on('data', (bytes: Uint8Array) => connection.write(bytes))
  }
  await joined(topic, bootstrap, echo)
  await joined(randomBytes(32), bootstrap, () => {
    throw new Error('it was not looked for')
  })
  await joined(topic, bootstrap, (connection, { initiator }) => {
    sides.push(initiator)
    found.push(connection)
  })
  while (found.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  const [connection] = found as [Duplex]
  connection.write(Buffer.from('hello'))
  const [answer] = (await once(connection, 'data')) as [Buffer]
  expect(answer.toString()).toBe('hello')
  expect(sides.sort()).toEqual([false, true])
})

test('a swarm that does not answer is SWARM_UNREACHABLE, and closing it does not wait for it', async () => {
  const nobody = [{ host: '127.0.0.1', port: 9 }]
  const began = performance.now()
  const joining = joinSwarm([randomBytes(32)], () => undefined, {
    bootstrap: nobody,
    timeoutMs: 100,
  })
  await expect(joining).rejects.toMatchObject({ code: 'SWARM_UNREACHABLE' })
  expect(performance.now() - began).toBeLessThan(20_000)
  await expect(joinSwarm([new Uint8Array(5)], () => undefined)).rejects.toBeInstanceOf(TypeError)
})

test('pauses grow, are bounded, and begin anew', () => {
  const backoff = new Backoff({ firstMs: 10, lastMs: 100 })
  const pauses = Array.from({ length: 6 }, () => backoff.next())
  const longest = [10, 30, 90, 100, 100, 100]
  pauses.forEach((pause, i) => {
    expect(pause).toBeLessThanOrEqual(longest[i] as number)
    expect(pause).toBeGreaterThanOrEqual((longest[i] as number) / 2)
  })
  backoff.reset()
  expect(backoff.next()).toBeLessThanOrEqual(10)
})
