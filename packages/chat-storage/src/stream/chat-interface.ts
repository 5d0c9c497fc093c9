import { defineInterface } from '@datagram/stream'
import type { Chat } from '../chat.ts'
import type { ChatOptions } from '../chat-options.ts'
import { chatOver } from '../open-chat.ts'
import { Turns } from '../turns.ts'
import { streamBackend } from './stream-backend.ts'

/** Chats as a stream interface: `dg.chat(name, options)` is `dg.open(name, chatInterface, options)`. */
export const chatInterface = defineInterface({
  name: 'chat',
  contract: 1,
  version: 1,
  open: async (stream, _requires, options: ChatOptions | undefined): Promise<Chat> => {
    if (options === undefined) {
      throw new TypeError('a chat is opened with { account, sign, storageKey }')
    }
    // Containers replace one another, and what they held before is in those that came after.
    if (stream.writable) stream.retain('latest')
    // Whether it is open is for the stream to say.
    const assertOpen = () => undefined
    const life = { turns: new Turns(), assertOpen, signal: stream.signal }
    return chatOver(streamBackend(stream), options, life)
  },
})
