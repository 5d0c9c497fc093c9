import type { Definition } from './definition.ts'
import type { StandardSchema } from './standard-schema.ts'

/** On every descriptor; registered, so that two copies of this package know each other's descriptors. */
export const descriptorMark = Symbol.for('datagram.descriptor')

/** As much of a descriptor as a definition needs that nests it. */
export interface DescriptorLike<Output = unknown, Input = Output>
  extends StandardSchema<Input, Output> {
  readonly definition: Definition
}

/** Whether `value` is a descriptor, of this copy of the package or of another. */
export function isDescriptor(value: unknown): value is DescriptorLike {
  return typeof value === 'object' && value !== null && descriptorMark in value
}
