// It has no types of its own.
declare module 'fd-lock' {
  export default class FDLock {
    constructor(fd: number, options?: { wait?: boolean })
    ready(): Promise<void>
    close(): Promise<void>
  }
}
