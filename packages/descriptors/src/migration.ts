import type { Definition } from './definition.ts'
import { payloadVersion } from './payload.ts'

/** As much of an earlier version's descriptor as reading its values needs. */
export interface Predecessor<Previous = unknown> {
  readonly name: string
  readonly version: number
  decode(bytes: Uint8Array): Previous
}

/** Where values of earlier versions go. */
export interface Migration<Previous = unknown, Next = unknown> {
  /** The descriptor of an earlier version; it may have one before it in turn. */
  readonly from: Predecessor<Previous>
  /** What a value of it is in this version. What it throws comes out of `decode` as it is. */
  readonly to: (previous: Previous) => Next
}

/** The migrated value of bytes of an earlier version; undefined for bytes of this one or a newer. */
export function migrated(migration: Migration, version: number, bytes: Uint8Array): unknown {
  if (payloadVersion(bytes) >= version) return undefined
  return migration.to(migration.from.decode(bytes))
}

/** Throws a TypeError unless the migration leads from an earlier version of the same type. */
export function assertMigration({ from, to }: Migration, { name, version }: Definition): void {
  if (typeof to !== 'function') throw new TypeError('migrate.to is a function')
  if (from.name === name && from.version < version) return
  throw new TypeError(
    `migrate.from is ${from.name}, version ${from.version}; an earlier version of ${name} than ${version} belongs there`,
  )
}
