export type { Connection, ConnectionStatistics } from './connection.ts'
export type { DeclineReason } from './decline.ts'
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
export type {
  AcceptPolicy,
  Chain,
  LivePolicies,
  Logger,
  Offer,
  OfferPolicy,
  Peer,
  PolicyAnswer,
  PolicySet,
} from './policy.ts'
export type { RawStream } from './raw-link.ts'
export {
  policies,
  type PolicySubject,
  type ReadyPolicy,
  type StreamReference,
} from './ready-policies.ts'
