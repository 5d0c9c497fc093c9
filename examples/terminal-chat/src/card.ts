/** What somebody has to know to read what is written to them. */
export interface Card {
  /** Name of who writes. */
  readonly from: string
  /** Link of the stream with their messages. */
  readonly link: string
  /** Opens the messages: 64 hexadecimal digits. */
  readonly key: string
  readonly address: { readonly host: string; readonly port: number }
}

/** A card as one word, to be pasted. */
export function encodeCard(card: Card): string {
  return Buffer.from(JSON.stringify(card)).toString('base64url')
}

/** Throws where the word is no card. */
export function decodeCard(word: string): Card {
  try {
    const { from, link, key, address } = JSON.parse(
      Buffer.from(word, 'base64url').toString(),
    ) as Card
    if (typeof from === 'string' && typeof link === 'string') return { from, link, key, address }
  } catch {
    // It is said below.
  }
  throw new Error('this is no card; paste the whole word that the other one was shown')
}
