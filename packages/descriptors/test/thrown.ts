/** What `run` throws; fails when it throws nothing. */
export function thrown(run: () => unknown): {
  readonly code?: string
  readonly message: string
  readonly details: Record<string, unknown>
} {
  try {
    run()
  } catch (error) {
    return error as ReturnType<typeof thrown>
  }
  throw new Error('nothing was thrown')
}
