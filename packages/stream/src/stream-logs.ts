import { HybridClock, type KeyPair, type Log, type WaitOptions } from '@datagram/log-core'
import b4a from 'b4a'
import { authoredBy } from './author-binding.ts'
import {
  encodeHeader,
  HEADER_KIND,
  type LogRole,
  ownLogs,
  readHeader,
  type StreamHeader,
} from './header.ts'
import { type AnyInterface, CONTRACT_VERSION } from './interface-definition.ts'
import { streamError } from './stream-errors.ts'

/** The two logs of a stream. */
export interface StreamLogs {
  readonly data: Log
  readonly indexLog: Log
}

/**
 * The header of a stream; on the first open of writable, empty logs it is written to both, with the proof that
 * `author` made it. What a crash between the two left undone is done.
 *
 * Throws `STREAM_UNAVAILABLE`, `STREAM_LOGS_MISMATCHED`, `INTERFACE_CONTRACT_UNKNOWN`, and what
 * {@link readHeader} throws.
 */
export async function openHeader(
  logs: StreamLogs,
  definition: AnyInterface,
  { author, ...wait }: WaitOptions & { readonly author?: KeyPair | undefined },
): Promise<StreamHeader> {
  const { data, indexLog } = logs
  if (data.writable && indexLog.writable) return ownHeader(logs, definition, author, wait)
  // The index is what is shared, so it is the one that a peer most likely has.
  if (indexLog.length === 0) await indexLog.update(wait)
  if (indexLog.length > 0) return checked(await readHeader(indexLog, wait), 'index', logs)
  if (data.length === 0) await data.update(wait)
  if (data.length > 0) return checked(await readHeader(data, wait), 'data', logs)
  throw (
    data.problem ??
    indexLog.problem ??
    streamError(
      'STREAM_UNAVAILABLE',
      'no block of the stream is here and no connected peer has one; connect to its author or another holder',
    )
  )
}

async function ownHeader(
  logs: StreamLogs,
  { name, version }: AnyInterface,
  author: KeyPair | undefined,
  wait: WaitOptions,
): Promise<StreamHeader> {
  const { data, indexLog } = logs
  const [ofData, ofIndex] = await Promise.all(
    [data, indexLog].map((log) => (log.length === 0 ? undefined : readHeader(log, wait))),
  )
  const keys = { dataKey: data.key, indexKey: indexLog.key }
  const header: StreamHeader = ofData ??
    ofIndex ?? {
      role: 'data',
      created: new HybridClock().next(),
      type: name,
      contract: CONTRACT_VERSION,
      version,
      writer: 0,
      writers: [keys],
      extension: authoredBy(author, keys),
    }
  if (ofData === undefined) await writeHeader(data, { ...header, role: 'data' })
  if (ofIndex === undefined) await writeHeader(indexLog, { ...header, role: 'index' })
  checked(ofIndex ?? { ...header, role: 'index' }, 'index', logs)
  return checked({ ...header, role: ofData?.role ?? 'data' }, 'data', logs)
}

async function writeHeader(log: Log, header: StreamHeader): Promise<void> {
  await log.append({ kind: HEADER_KIND, payload: encodeHeader(header) })
}

function checked(
  header: StreamHeader,
  role: LogRole,
  { data, indexLog }: StreamLogs,
): StreamHeader {
  const { dataKey, indexKey } = ownLogs(header)
  const isOurs = b4a.equals(dataKey, data.key) && b4a.equals(indexKey, indexLog.key)
  if (header.role !== role || !isOurs) {
    throw streamError(
      'STREAM_LOGS_MISMATCHED',
      `the header of the ${role} log names other logs; open the data log and the index log of one stream, each in its place`,
      { details: { role: header.role } },
    )
  }
  if (header.contract > CONTRACT_VERSION) {
    throw streamError(
      'INTERFACE_CONTRACT_UNKNOWN',
      `the stream was written by version ${header.contract} of the interface contract, and this package offers ${CONTRACT_VERSION}; install a newer version`,
      { details: { contract: header.contract, offered: CONTRACT_VERSION } },
    )
  }
  return header
}
