import { chatError } from './chat-errors.ts'
import { sha256 } from './container-key.ts'
import { stableJson } from './stable-json.ts'

/** What a message is for, as dm3 names it; others are stored and given back as they are. */
export type MessageType =
  | 'NEW'
  | 'EDIT'
  | 'DELETE_REQUEST'
  | 'REPLY'
  | 'REACTION'
  | 'READ_OPENED'
  | 'READ_RECEIVED'

export interface MessageMetadata {
  readonly type: MessageType | (string & {})
  readonly from: string
  readonly to: string
  /** When it was written: milliseconds since 1970, a non-negative safe integer. */
  readonly timestamp: number
  /** Hash of the message that this one is about. */
  readonly referenceMessageHash?: string | undefined
  readonly [field: string]: unknown
}

/** A message, decrypted, as dm3 defines it. Fields that are not named here are kept. */
export interface Message {
  readonly message?: string | undefined
  readonly metadata: MessageMetadata
  readonly signature?: string | undefined
  readonly attachments?: readonly string[] | undefined
  readonly [field: string]: unknown
}

/** What travels and is stored: a message, and what the delivery says about it. */
export interface Envelope {
  readonly message: Message
  readonly [field: string]: unknown
}

/** The hash by which a message is known: SHA-256 of its stable JSON, as '0x' and 64 hexadecimal digits. */
export function messageHash(message: Message): string {
  return sha256(stableJson(message))
}

/**
 * Throws unless `envelope` is one: `CHAT_MESSAGE_INVALID`, `CHAT_TIMESTAMP_INVALID`. Of the timestamp only
 * the caller's own limit refuses the future.
 */
export function assertEnvelope(envelope: unknown): asserts envelope is Envelope {
  const message = isObject(envelope) ? envelope['message'] : undefined
  if (!isObject(message)) throw invalid('an envelope is an object with a message')
  const { metadata, message: text, signature, attachments } = message
  if (!isObject(metadata)) throw invalid('a message has metadata')
  for (const field of ['type', 'from', 'to']) {
    if (typeof metadata[field] !== 'string') throw invalid(`metadata.${field} is a string`)
  }
  assertOptional('message', text)
  assertOptional('signature', signature)
  assertOptional('metadata.referenceMessageHash', metadata['referenceMessageHash'])
  if (attachments !== undefined && !isTexts(attachments)) throw invalid('attachments are strings')
  assertTimestamp(metadata['timestamp'])
}

function assertTimestamp(timestamp: unknown): void {
  if (Number.isSafeInteger(timestamp) && (timestamp as number) >= 0) return
  throw chatError(
    'CHAT_TIMESTAMP_INVALID',
    'the timestamp of a message is a whole number of milliseconds since 1970, from 0 to 2^53 - 1; correct it',
  )
}

function assertOptional(field: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'string') throw invalid(`${field} is a string`)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function invalid(rule: string): Error {
  return chatError('CHAT_MESSAGE_INVALID', `this is no message: ${rule}; look at how it was made`)
}
