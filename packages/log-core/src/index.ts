export {
  type BlockRangesLimits,
  decodeBlockRanges,
  encodeBlockRanges,
  preencodeBlockRanges,
} from './block-ranges.ts'
export { BlockSet } from './block-set.ts'
export { concurrently } from './concurrently.ts'
export { type Codec, decode, encode, type State } from './codec.ts'
export { type Block, type BlockInput, ENVELOPE_BYTES, type Envelope, envelope } from './envelope.ts'
export { BLOCK_BYTES_MAX } from './hypercore/append-refusal.ts'
export { deriveKey, discoveryKeyOf, randomBytes } from './keys/key-derivation.ts'
export type { Password } from './keys/key-ring.ts'
export {
  assertPassword,
  derivePasswordKey,
  MEMORY_BYTES_MAX,
  OPERATIONS_MAX,
  type PasswordCost,
  type PasswordStrength,
  passwordCosts,
  SALT_BYTES,
} from './keys/password.ts'
export { openSecret, SECRET_BOX_BYTES, sealSecret } from './keys/secret-box.ts'
export { isSignedBy, SIGNATURE_BYTES, signMessage } from './keys/signature.ts'
export { type Closable, Lifecycle, type LifecycleState } from './lifecycle.ts'
export type {
  AttachableLog,
  BlockRange,
  DownloadOptions,
  DownloadProgress,
  Durability,
  ForkNews,
  Log,
  LogAttachment,
  LogSupplier,
  Muxer,
  MuxerChannel,
  ReadableLog,
} from './log.ts'
export { type LogErrorCode } from './log-errors.ts'
export { growsBeyond, untilLength } from './log-news.ts'
export { openStore } from './open-store.ts'
export { compareStamps, HybridClock, type Stamp } from './stamp.ts'
export { reachableEnd } from './reachable-end.ts'
export { reachStep } from './steps.ts'
export type {
  KeyPair,
  OpenStore,
  OwnLogOptions,
  RemoteLogOptions,
  Store,
  StoreOptions,
  StoreUsage,
} from './store.ts'
export { bounded, type WaitOptions } from './waits.ts'
