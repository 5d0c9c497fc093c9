export { type Child, type ChildOptions, type ChildResult, runChild, startChild } from './child.ts'
export type { KillMoment } from './child-plan.ts'
export { acknowledge, childOptions } from './child-side.ts'
export { DeliveryShuffle } from './delivery-shuffle.ts'
export {
  type CutStyle,
  type FaultyLink,
  type FaultyLinkOptions,
  faultyLink,
  type LinkTraffic,
} from './faulty-link.ts'
export { type FaultyProxy, type FaultyProxyOptions, faultyProxy } from './faulty-proxy.ts'
export {
  type FlipPlace,
  type FlipPlacesOptions,
  flipByte,
  flipPlaces,
  truncateFile,
} from './file-damage.ts'
export { type FindBytesOptions, type FoundBytes, findBytes } from './find-bytes.ts'
export { type GitServer, gitIn, serveGit } from './git-server.ts'
export {
  type BrokenInvariant,
  checkInvariants,
  type Invariant,
  InvariantError,
} from './invariants.ts'
export type { LineOptions } from './line.ts'
export { type PlainStream, type PlainTap, tapPlain } from './plain-tap.ts'
export { Random } from './random.ts'
export { type SeededRunOptions, seededRun } from './seeded-run.ts'
export { soakFactor } from './soak-factor.ts'
export { type SmallDisk, smallDisk } from './small-disk.ts'
export { type StoreFile, type StoreFileKind, storeFiles } from './store-files.ts'
export {
  type CopyStoreOptions,
  closeAsKilled,
  copyStore,
  type RestoreOptions,
  StoreImage,
} from './store-image.ts'
export { recordSyncs, type SyncedFile } from './sync-recorder.ts'
export { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts'
export {
  cutWriteAheadLog,
  dropUnsyncedTail,
  type LostTail,
  type UnsyncedTailOptions,
} from './unsynced-tail.ts'
export { type WalRecord, walRecords } from './write-ahead-log.ts'
