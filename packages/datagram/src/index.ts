export {
  type AddedMessage,
  type AttachmentContent,
  type Chat,
  type ChatAttachment,
  type ChatChange,
  ChatDevices,
  type ChatErrorCode,
  type ChatMessage,
  type ChatMode,
  type ChatOptions,
  type ChatPosition,
  type ConversationsOptions,
  type Envelope,
  type ExportOptions as ChatExportOptions,
  type FoundMessage,
  type ImportOptions as ChatImportOptions,
  messageHash,
  type MessageNote,
  type MessageReference,
  type MessagesOptions,
  type SearchOptions as ChatSearchOptions,
  type WatchOptions as ChatWatchOptions,
  type WrittenMessage,
} from '@datagram/chat-storage'
export { chatInterface } from '@datagram/chat-storage/stream'
export {
  type DetachOptions,
  type HostedFigures,
  type LinkAccess,
  type LinkInfo,
  type LinkKind,
  parseLink,
  qrText,
  type ShareOptions,
  type StreamDescription,
  type StreamInfo,
  type VerifyProblem,
  type VerifyReport,
} from '@datagram/container'
export * from '@datagram/descriptors'
export { DatagramError, isDatagramError } from '@datagram/errors'
export * from '@datagram/fs-interface'
export * from '@datagram/kv-interface'
export type { Durability, Password, PasswordStrength, WaitOptions } from '@datagram/log-core'
export {
  type AcceptPolicy,
  type Connection,
  type ConnectOptions,
  type LivePolicies,
  type ForbidPolicy,
  type Logger,
  type Mark,
  type MarkedKind,
  type MultiplexerEvents,
  type MultiplexerLimits,
  type Offer,
  type OfferPolicy,
  type Peer,
  policies,
  type PolicyAnswer,
  type PolicySet,
  type StreamFilter,
  type PeerReport,
  type PolicySubject,
  type ReadyPolicy,
  type StreamReference,
  type StreamStatistics,
} from '@datagram/multiplexer'
export type { Address, Listener } from '@datagram/network'
export * from '@datagram/object-store'
export {
  defineInterface,
  type DescribedObject,
  type ExportSummary,
  type InterfaceStream,
  type ObjectStream,
  streamInterface,
  type StreamType,
  type Transaction,
} from '@datagram/stream'
export type { AttachOptions, UpdateOptions } from './attach-options.ts'
export { type CloneOptions, cloneDatagram } from './clone-datagram.ts'
export type { PeerInfo, WireStats } from './connections.ts'
export type { DatagramStats } from './datagram-stats.ts'
export type { DatagramUsage } from './datagram-usage.ts'
export { Datagram, type JoinOptions } from './datagram.ts'
export type { DatagramErrorCode } from './datagram-errors.ts'
export type { Marked } from './marked.ts'
export { type HonourOptions, Moderation } from './moderation.ts'
export type { Progress } from './fetch-pace.ts'
export { type HostOptions, hostDatagram } from './host-datagram.ts'
export { HostedDatagram, type HostStats } from './hosted-datagram.ts'
export type { Progressing } from './progressing.ts'
export { type OpenDatagramOptions, openDatagram } from './open-datagram.ts'
