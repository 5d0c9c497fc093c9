/** How much each row of files does. Delays are one way, of the link. */
export interface FilesSizes {
  readonly largeBytes: number
  readonly smallFiles: number
  readonly inFlight: number
  readonly remoteBytes: number
  readonly readBytes: number
  readonly delayMs: number
  readonly gitFiles: number
}

/** As the goals ask. */
export const fullFilesSizes: FilesSizes = {
  largeBytes: 100_000_000,
  smallFiles: 2000,
  inFlight: 32,
  remoteBytes: 2 ** 30,
  readBytes: 4096,
  delayMs: 20,
  gitFiles: 600,
}

/** To see whether everything works; its figures say little. */
export const quickFilesSizes: FilesSizes = {
  ...fullFilesSizes,
  largeBytes: 8_000_000,
  smallFiles: 100,
  remoteBytes: 16 * 2 ** 20,
  delayMs: 10,
  gitFiles: 40,
}
