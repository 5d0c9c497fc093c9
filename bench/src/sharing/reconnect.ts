import { meet, shared } from './linked-pair.ts'
import type { SharingFigure, SharingGround } from './sharing-figure.ts'

/** Two sides that know a container of many streams meet again. */
export async function measureReconnect({ folder, quick }: SharingGround): Promise<SharingFigure[]> {
  const streams = quick ? 50 : 1000
  const pair = await shared(folder, async (author) => {
    for (let i = 0; i < streams; i++) await (await author.kv(`stream ${i}`)).set('a', '1')
  })
  try {
    const { roundTrips, bytes } = await meet(pair)
    const work = `${streams} streams, both sides known, reconnect and agree`
    return [
      { work, figure: 'round trips', value: roundTrips, limit: 3 },
      { work, figure: 'bytes both ways', value: bytes, limit: 120_000 },
    ]
  } finally {
    await pair.author.close()
  }
}
