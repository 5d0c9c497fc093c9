import type { ReplicableStream } from '@datagram/container'
import type { OfferedLog, OfferRecord } from './offer-record.ts'
import type { StreamProver } from './stream-proof.ts'

const UNKNOWN = new Uint8Array(32)

/** The hash of each log's tree, in the order of the stream's logs; zeros where a log has none. */
export function treeHashesOf({ logs }: ReplicableStream): readonly Uint8Array[] {
  return logs.map(({ treeHash = UNKNOWN }) => treeHash)
}

/** What an offer says of the histories of a stream's logs; undefined where there is one that is not to be compared. */
export function historiesOf(
  stream: ReplicableStream,
  prover: StreamProver,
): readonly Uint8Array[] | undefined {
  const { key, logs } = stream
  const histories: Uint8Array[] = []
  for (const { discoveryKey, treeHash } of logs) {
    if (treeHash === undefined) return undefined
    histories.push(prover.history({ key, log: discoveryKey, treeHash }).ours)
  }
  return histories
}

/** The logs that a peer has offered as long as they are here, and with another history. */
export function logsThatDiffer(
  { key, logs }: ReplicableStream,
  { logs: offered, histories = [] }: OfferRecord,
  prover: StreamProver,
): readonly OfferedLog[] {
  return offered.filter(({ discoveryKey, length }, i) => {
    const said = histories[i]
    const here = logs.find((log) => Buffer.compare(log.discoveryKey, discoveryKey) === 0)
    const { treeHash } = here ?? {}
    if (said === undefined || treeHash === undefined || here?.length !== length) return false
    const { theirs } = prover.history({ key, log: discoveryKey, treeHash })
    return Buffer.compare(theirs, said) !== 0
  })
}
