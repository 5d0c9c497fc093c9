import { isDatagramError } from '@datagram/errors'
import { Random } from '@datagram/fault-harness'

/**
 * Feeds `decode` with `runs` inputs made from valid ones by flipping bytes, cutting off and appending, and
 * with plain noise. Anything thrown but a coded error fails, with the seed and the input.
 */
export function assertOnlyCodedErrors(
  decode: (bytes: Uint8Array) => unknown,
  valid: readonly Uint8Array[],
  runs = 100_000,
): void {
  const random = new Random(Date.now())
  for (let run = 0; run < runs; run++) {
    const input = damagedInput(random, valid)
    try {
      decode(input)
    } catch (error) {
      if (isDatagramError(error)) continue
      const hex = Buffer.from(input).toString('hex')
      throw new Error(`seed ${random.seed}, run ${run}, input ${hex}`, { cause: error })
    }
  }
}

function damagedInput(random: Random, valid: readonly Uint8Array[]): Uint8Array {
  if (random.chance(0.1)) return random.bytes(random.between(0, 40))
  const input = new Uint8Array(random.pick(valid))
  const flips = random.between(0, 4)
  for (let i = 0; i < flips && input.byteLength > 0; i++) {
    // Lengths and tags sit at the front, and 0xfd–0xff are the long forms of a uint.
    const at = random.chance()
      ? random.between(0, Math.min(8, input.byteLength))
      : random.between(0, input.byteLength)
    input[at] = random.chance(0.3) ? random.between(0xfc, 0x100) : random.between(0, 0x100)
  }
  if (random.chance(0.3)) return input.subarray(0, random.between(0, input.byteLength + 1))
  if (random.chance(0.2)) return new Uint8Array([...input, ...random.bytes(random.between(1, 9))])
  return input
}
