/** Where a stream tells of what nobody waits for. No package prints by itself. */
export interface Logger {
  warn(message: string, error: unknown): void
}
