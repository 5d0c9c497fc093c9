export type { DatagramFs } from './datagram-fs.ts'
export { type FsErrorCode } from './fs-errors.ts'
export { fsInterface } from './fs-interface.ts'
export { openFs, type OpenFsOptions } from './open-fs.ts'
