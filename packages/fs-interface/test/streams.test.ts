import { type Random, seededRun } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { temporaryFs } from './temporary-fs.ts'

const SIZE = 6_000_000
const PIECES = [1, 1000, 4096, 65_536, 100_000, 262_144, 700_000]

describe('streams', () => {
  it('leave alone what was written, though the memory of a step is used again', async () => {
    const fs = await temporaryFs()
    // The last bytes lie in the index itself, the rest in blocks.
    const contents = [1, 2, 3].map((byte) => [
      Buffer.alloc(262_144, byte),
      Buffer.alloc(70, byte + 10),
    ])
    for (const [i, pieces] of contents.entries()) {
      await using file = await fs.promises.open(`/${i}`, 'w')
      await file.writev(pieces)
    }
    for (const [i, pieces] of contents.entries()) {
      expect((await fs.promises.readFile(`/${i}`)).equals(Buffer.concat(pieces))).toBe(true)
    }
  })

  it(
    'give what was written, whatever pieces it came in and goes out in',
    { timeout: 120_000 },
    () =>
      seededRun(async (random: Random) => {
        const fs = await temporaryFs()
        const content = random.bytes(SIZE)
        const writing = fs.createWriteStream('/f', { highWaterMark: random.pick(PIECES) })
        for (let at = 0; at < SIZE; ) {
          const end = at + random.pick(PIECES)
          const isRoomLeft = writing.write(content.subarray(at, end))
          if (!isRoomLeft) await new Promise<void>((resolve) => writing.once('drain', resolve))
          at = end
        }
        await new Promise<void>((resolve) => writing.end(resolve))
        for (const highWaterMark of [undefined, random.pick(PIECES.slice(2))]) {
          const start = random.between(0, 300_000)
          const pieces: Uint8Array[] = []
          const options = highWaterMark === undefined ? { start } : { start, highWaterMark }
          for await (const piece of fs.createReadStream('/f', options)) pieces.push(piece)
          expect(Buffer.concat(pieces).equals(content.subarray(start))).toBe(true)
        }
      }),
  )

  it('that read on show what was written meanwhile', { timeout: 120_000 }, () =>
    seededRun(async (random: Random) => {
      const fs = await temporaryFs()
      const content = Buffer.from(random.bytes(SIZE))
      await fs.promises.writeFile('/f', content)
      await using file = await fs.promises.open('/f', 'r+')
      for (let at = 0; at < SIZE; ) {
        const target = Buffer.alloc(random.pick(PIECES))
        const { bytesRead } = await file.read(target, 0, target.length, at)
        const expected = content.subarray(at, at + target.length)
        expect(target.subarray(0, bytesRead).equals(expected)).toBe(true)
        at += bytesRead
        if (at < SIZE && random.chance(0.3)) {
          const bytes = random.bytes(random.pick(PIECES))
          const position = random.between(at, SIZE)
          await file.write(bytes.subarray(0, SIZE - position), 0, null, position)
          content.set(bytes.subarray(0, SIZE - position), position)
        }
      }
    }),
  )
})
