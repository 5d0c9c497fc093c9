export type { DetachOptions } from './attachments.ts'
export { Container } from './container.ts'
export type { ContainerOptions } from './container-options.ts'
export {
  type ContainerDescription,
  describedContainer,
  type DescribeOptions,
} from './container-description.ts'
export type { ContainerErrorCode } from './container-errors.ts'
export type { FetchOptions, FetchProgress } from './fetch.ts'
export { HostedContainer, type HostedFigures, type HostedOptions } from './hosted-container.ts'
export { claimHosted } from './hosted-record.ts'
export {
  type BlindLink,
  type LinkInfo,
  type OpenedLink,
  openBlindLink,
  openLink,
  parseLink,
  qrText,
} from './link.ts'
export type { LinkAccess, LinkKind } from './link-format.ts'
export { streamNotFound } from './meta-database.ts'
export { claimOrigin } from './origin.ts'
export type { Replicable, ReplicableStream } from './replicable.ts'
export type { ShareOptions } from './share.ts'
export type { StreamInfo } from './stream-info.ts'
export type { StreamDescription } from './stream-description.ts'
export { assertStreamName } from './stream-name.ts'
export { decodeRosterEntry, type RosterEntry } from './roster.ts'
export type { UnavailablePart } from './unavailable-blocks.ts'
export type { VerifyProblem, VerifyReport } from './verify-logs.ts'
