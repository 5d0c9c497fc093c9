import { openDatagram } from 'datagram'
import { type Meeting, meet, shared } from './linked-pair.ts'
import type { SharingFigure, SharingGround } from './sharing-figure.ts'

/** What a stream costs that one side does not take, or the other does not show. */
export async function measureDeclined({ folder, quick }: SharingGround): Promise<SharingFigure[]> {
  const streams = quick ? 5 : 50
  const pair = await shared(folder, async (author) => {
    for (let i = 0; i < streams; i++) await (await author.kv(`stream ${i}`)).set('a', '1')
  })
  const ids: Uint8Array[] = []
  // The clone shows nothing itself: two that know the same streams would not name them at all.
  const accepted = await meet(pair, {
    offer: () => false,
    accept: ({ id }) => {
      ids.push(id)
      return true
    },
  })
  // The clone says nothing of the streams itself, or it would be answered.
  const declined = await meet(pair, { offer: () => false, accept: () => false })
  await pair.author.close()
  const author = await openDatagram(`${folder}/author`, { offer: () => false })
  const hidden = await meet({ ...pair, author }, { offer: () => false })
  await author.close()
  const named = ({ plain }: Meeting) => ids.filter((id) => plain.includes(Buffer.from(id))).length
  // The positive control: what is accepted is found.
  if (ids.length === 0 || named(accepted) === 0) throw new Error('nothing was offered')
  const bytes = (declined.plain.byteLength - hidden.plain.byteLength) / streams
  return [
    { work: 'a declined stream', figure: 'bytes to who declines', value: bytes, limit: 200 },
    { work: 'a stream that is not offered', figure: 'times named', value: named(hidden), limit: 0 },
  ]
}
