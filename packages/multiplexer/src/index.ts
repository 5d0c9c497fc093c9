export type { Connection, ConnectionStatistics } from './connection.ts'
export type { DeclineReason } from './decline.ts'
export type { StreamFilter } from './filter.ts'
export { limitDefaults, type MultiplexerLimits } from './limits.ts'
export {
  type ConnectOptions,
  createMultiplexer,
  type Multiplexer,
  type MultiplexerEvents,
  type MultiplexerOptions,
} from './multiplexer.ts'
export type { MultiplexerErrorCode } from './multiplexer-errors.ts'
export type { StreamCounts } from './negotiation-context.ts'
export type { Tap } from './noise-link.ts'
export type { StreamStatistics, StreamTraffic } from './stream-traffic.ts'
export type { OfferedLog } from './offer-record.ts'
export { HonouredMarks, type HonouredMarksOptions } from './honoured-marks.ts'
export { decodeHonoured, encodeHonoured, type Honoured } from './honoured-record.ts'
export type { Mark, MarkedKind } from './mark-record.ts'
export { moderationInterface, type ModerationStream } from './moderation-stream.ts'
export type {
  AcceptPolicy,
  Chain,
  ForbidPolicy,
  LivePolicies,
  Logger,
  Offer,
  OfferPolicy,
  Peer,
  PolicyAnswer,
  PolicySet,
} from './policy.ts'
export type { PeerMemory } from './peer-memory.ts'
export type { PeerReport } from './peer-report.ts'
export type { RawStream } from './raw-link.ts'
export { streamForbidden } from './stream-forbidden.ts'
export {
  idOf,
  policies,
  type PolicySubject,
  type ReadyPolicy,
  type StreamReference,
} from './ready-policies.ts'
