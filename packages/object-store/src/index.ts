export {
  type AionDirectory,
  type AionFile,
  type AionIndefinite,
  type AionPoint,
  decodeAionPoint,
} from './aion-point.ts'
export { type GcOptions, type GcReport } from './collection.ts'
export { type BlobContent } from './content-parts.ts'
export {
  type CarrierDraft,
  DATA_CARRIER_TYPE,
  type DataCarrier,
  type Payload,
  type PayloadContent,
  type PayloadType,
} from './data-carrier.ts'
export { type DataCarriers } from './data-carriers.ts'
export { type ExportTreeOptions } from './export-tree.ts'
export { type FsckOptions, type FsckProblem, type FsckReport } from './fsck.ts'
export { type ImportTreeOptions, type TreeProgress } from './import-tree.ts'
export { isNamedHash, type NamedHash, parseNamedHash, type ParsedNamedHash } from './named-hash.ts'
export { type ObjectDraft } from './object-draft.ts'
export {
  type FolderLayout,
  type ObjectFolder,
  type ObjectFolderOptions,
  openObjectFolder,
} from './object-folder.ts'
export { type ObjectRecord } from './object-record.ts'
export { type ObjectSource, type StoredContent } from './object-source.ts'
export { type ObjectStoreErrorCode } from './object-store-errors.ts'
export { type ObjectConflict } from './object-view.ts'
export { Objects, type ObjectsOptions, type PutBlobOptions } from './objects.ts'
export { type ObjectsStats } from './objects-stats.ts'
export { objectsInterface } from './objects-interface.ts'
export { openObjects, type OpenObjectsOptions } from './open-objects.ts'
export { type PullOptions, type PullProgress, type PullSummary } from './pull.ts'
export { type CommitFolderOptions, type RenderOptions } from './rendering.ts'
export { type RenderMode } from './rendering-marker.ts'
export { type StoredObject } from './stored-object.ts'
export { type TreeFile, type TreeFs, type TreeStats } from './tree-fs.ts'
