export {
  type AuthorBinding,
  authorBinding,
  bindAuthor,
  boundAuthor,
  provenAuthor,
} from './author-binding.ts'
export { checkStream, type StreamInvariant, streamInvariants } from './check-stream.ts'
export { type DescriptorRecord } from './descriptor-record.ts'
export { DescribedObject } from './described-object.ts'
export { downloadStream, type DownloadStreamOptions } from './download-stream.ts'
export { copyStream } from './copy-stream.ts'
export { CHUNK_KIND, type Frame, frame, FRAME_KIND, type SeenHead } from './frame.ts'
export {
  type ChunkedBody,
  type FrameBody,
  type FrameOperation,
  type InlineBody,
} from './frame-operation.ts'
export {
  HEADER_KIND,
  type LogRole,
  ownLogs,
  readHeader,
  streamHeader,
  type StreamHeader,
  type WriterLogs,
} from './header.ts'
export { importObjects } from './import-objects.ts'
export {
  type AnyInterface,
  type ApiOf,
  CONTRACT_VERSION,
  defineInterface,
  type InterfaceDefinition,
  type OpenedRequires,
  type OptionsOf,
  type Requires,
} from './interface-definition.ts'
export {
  type Change,
  type ChangeOperation,
  type ChangesOptions,
  type EntryReader,
  type InterfaceStream,
  type LiveReader,
  type Moment,
  type ObjectHistoryOptions,
  type ObjectsDownloadOptions,
  type ObjectsOptions,
  type ObjectVersion,
  type PastOptions,
  type Pointer,
  type PartOptions,
  type PreviousOptions,
  type PutOptions,
  type ReadOptions,
  type Retain,
  type StreamObject,
  type StreamSnapshot,
  type StreamStatus,
  type Transaction,
  type UpdateOptions,
} from './interface-stream.ts'
export { type ExportSummary } from './export-format.ts'
export { exportObjects, type ExportOptions } from './export-objects.ts'
export { dropAlone } from './drop-alone.ts'
export { AloneNotes, type ForgottenAlone } from './forgotten-alone.ts'
export { type FieldValue } from './field-value.ts'
export { type BlockReader } from './kept-blocks.ts'
export { BODY_BYTES_MAX, KEY_BYTES_MAX, TRANSACTION_BYTES_MAX } from './limits.ts'
export { type Logger } from './logger.ts'
export { ObjectStream, type TypedObjectsOptions } from './object-stream.ts'
export { readOneMoment } from './one-moment.ts'
export { openStream, type OpenStreamOptions } from './open-stream.ts'
export { type Place, place } from './place.ts'
export { reindexStream, type ReindexStreamOptions } from './reindex-stream.ts'
export { type ScannedObject, scanObjects } from './scan-objects.ts'
export { openStandalone, type Standalone, type StandaloneOptions } from './standalone.ts'
export { type Stream, type StreamDownloadOptions } from './stream.ts'
export { type StreamDescriptor, type TypeQuery } from './stream-descriptor.ts'
export { type StreamErrorCode } from './stream-errors.ts'
export { concurrently } from '@datagram/log-core'
export type { Stamp, WaitOptions } from '@datagram/log-core'
export { streamInterface } from './stream-interface.ts'
export { type StreamUsage, streamUsage } from './stream-usage.ts'
export { type StreamType } from './stream-type.ts'
export { type StreamKeys, streamKeys } from './stream-keys.ts'
export {
  type EntryRange,
  type KeptState,
  type ObjectRange,
  type Target,
  type TargetStatus,
} from './target.ts'
export { type FieldRange, type Where } from './where.ts'
