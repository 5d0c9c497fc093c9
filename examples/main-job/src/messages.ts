/** What the main process tells a reader process. */
export interface ReaderTask {
  readonly link: string
  readonly address: { readonly host: string; readonly port: number }
  readonly folder: string
  readonly password: string
  /** The original folder, to compare with. */
  readonly source: string
  /** How many files the author took in. */
  readonly expected: number
  /** The one file to fetch; absent: all of them. */
  readonly only?: string
}

/** What a reader process answers when it is done. */
export interface ReaderReport {
  readonly files: number
  readonly bytes: number
  /** Files whose SHA-256 is that of the original on the author's disk. */
  readonly verified: number
  /** Files whose original was changed after it was taken in. */
  readonly changed: number
  /** Names of files whose bytes were not those of the original. */
  readonly wrong: readonly string[]
  readonly ms: number
  /** Bytes that crossed the wire, both ways, as the socket counts them. */
  readonly wireBytes: number
  /** Highest resident memory of the process, in bytes. */
  readonly peakMemoryBytes: number
}
