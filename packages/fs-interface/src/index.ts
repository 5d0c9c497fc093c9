export type { DatagramFs, FilePromises } from './datagram-fs.ts'
export { type FsErrorCode } from './fs-errors.ts'
export { fsInterface, type FsOptions } from './fs-interface.ts'
export { openFs, type OpenFsOptions } from './open-fs.ts'
