import { createHmac } from 'node:crypto'
import type { ChatOptions } from 'datagram'

/** How somebody's chat is opened by everybody who has its key, which stands in for a wallet here. */
export function account(name: string, key: string): ChatOptions {
  const storageKey = Buffer.from(key, 'hex')
  const sign = (text: string) => createHmac('sha256', storageKey).update(text).digest('hex')
  return { account: name, storageKey, sign }
}
