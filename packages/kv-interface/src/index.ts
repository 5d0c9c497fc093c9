export type { AnyEncoding, Encoding, EncodingName, Input, KvCodec } from './encoding.ts'
export { type DescribedEntry, keyValues } from './key-values.ts'
export type {
  EntriesOptions,
  KeyRangeOptions,
  HistoryOptions,
  Kv,
  KvChange,
  KvDifference,
  KvOperation,
  KvOptions,
  KvPastValue,
  KvReader,
  KvSnapshot,
  KvVersion,
  SetCondition,
  SetOptions,
  WatchOptions,
} from './kv.ts'
export { type KvErrorCode } from './kv-errors.ts'
export { type AnyKvOptions, kvInterface } from './kv-interface.ts'
export { type Encoded, openKv, type OpenKvOptions } from './open-kv.ts'
