import type { ReplicableStream } from '@datagram/container'
import {
  LABEL_BYTES_MAX,
  OFFER_BYTES_MAX,
  type OfferedLog,
  type OfferRecord,
  offer,
  TYPE_BYTES_MAX,
} from './offer-record.ts'

const LABELS_MAX = 16
const LOGS_MAX = 5

/** What may be said of a stream. */
interface ShowOptions {
  /** Whether type and labels may be told; default true. */
  readonly isDescribed?: boolean
  /** What tells the history of each of its logs. */
  readonly histories?: readonly Uint8Array[] | undefined
}

/**
 * What an offer says of a stream, cut to the size of an offer: the indexer and the type first, then as
 * many logs as there is room for, then labels in their order, then the
 * histories of all those logs. What does not fit is left out and
 * flagged; a type over 64 bytes, which no interface has, is left out. Type and labels are said where it `isDescribed`.
 */
export function showStream(
  stream: ReplicableStream,
  proof: Uint8Array,
  { isDescribed = true, histories }: ShowOptions = {},
): OfferRecord {
  const logs = stream.logs.map(({ discoveryKey, length }) => ({ discoveryKey, length }))
  // A clone may know of no log yet but the one that its link names.
  const [indexer = { discoveryKey: stream.id, length: 0 }, ...others] = logs
  const isShown = isDescribed && Buffer.byteLength(stream.type) <= TYPE_BYTES_MAX
  const type = isShown ? stream.type : ''
  const bare: OfferRecord = {
    logs: [indexer],
    logsCut: false,
    proof,
    type,
    labels: [],
    labelsCut: false,
    bytes: streamBytes(stream),
  }
  const labelled = withLabels(withLogs(bare, others), isDescribed ? stream.labels : [])
  const whole = { ...labelled, histories: histories?.slice(0, labelled.logs.length) }
  return fits(whole) ? whole : labelled
}

function withLogs(record: OfferRecord, others: readonly OfferedLog[]): OfferRecord {
  let fitting = record
  for (const log of others) {
    const next = { ...fitting, logs: [...fitting.logs, log] }
    if (next.logs.length > LOGS_MAX || !fits(next)) return { ...fitting, logsCut: true }
    fitting = next
  }
  return fitting
}

function withLabels(record: OfferRecord, labels: readonly string[]): OfferRecord {
  let fitting = record
  for (const label of labels) {
    const next = { ...fitting, labels: [...fitting.labels, label] }
    const tooLong = Buffer.byteLength(label) > LABEL_BYTES_MAX
    if (tooLong || next.labels.length > LABELS_MAX || !fits(next)) {
      fitting = { ...fitting, labelsCut: true }
    } else {
      fitting = next
    }
  }
  return fitting
}

function fits(record: OfferRecord): boolean {
  const state = { start: 0, end: 0, buffer: nothing }
  offer.preencode(state, record)
  return state.end <= OFFER_BYTES_MAX
}

const nothing = new Uint8Array(0)

/** What of a stream makes an offer of it worth saying again when it changes. */
export function shownOf({ type, labels }: ReplicableStream): string {
  return JSON.stringify([type, labels])
}

/** What of a stream makes policies worth asking again when it changes. */
export function descriptionOf(stream: ReplicableStream): string {
  return `${shownOf(stream)}${Buffer.from(stream.author ?? []).toString('hex')}`
}

/** Bytes of all logs of a stream, as far as the numbers can be told. */
export function streamBytes({ logs }: ReplicableStream): number | undefined {
  const bytes = logs.reduce((sum, { byteLength }) => sum + byteLength, 0)
  return Number.isSafeInteger(bytes) ? bytes : undefined
}
