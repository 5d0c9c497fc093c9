export { builtIns } from './built-in/built-ins.ts'
export { ContainerDescriptor } from './built-in/container-descriptor.ts'
export { Directory } from './built-in/directory.ts'
export { Event } from './built-in/event.ts'
export { File } from './built-in/file.ts'
export { Image } from './built-in/image.ts'
export { Json } from './built-in/json.ts'
export { KeyValue } from './built-in/key-value.ts'
export { Message } from './built-in/message.ts'
export { Person } from './built-in/person.ts'
export { Place } from './built-in/place.ts'
export { StreamDescriptor } from './built-in/stream-descriptor.ts'
export { Text } from './built-in/text.ts'
export { TimeSeriesPoint } from './built-in/time-series-point.ts'
export { Url } from './built-in/url.ts'
export {
  type Definition,
  type FieldDefinition,
  type KindDefinition,
  type Literal,
  type ScalarKindName,
} from './definition.ts'
export { definitionConflict } from './definition-compatibility.ts'
export { decodeDefinition, encodeDefinition } from './definition-codec.ts'
export {
  defineDescriptor,
  type Descriptor,
  descriptorFromDefinition,
  type DescriptorOptions,
  type Validation,
} from './descriptor.ts'
export { type DescriptorErrorCode } from './descriptor-errors.ts'
export { type FieldChecks } from './field-checks.ts'
export { type Migration, type Predecessor } from './migration.ts'
export { type DescriptorLike, isDescriptor } from './descriptor-mark.ts'
export { list, map, oneOf, oneOfKinds, optional, type OptionalField } from './field-builders.ts'
export {
  type DescriptorInput,
  type FieldInput,
  type FieldOptions,
  type FieldsInput,
  type KindInput,
  type LongKindInput,
} from './field-input.ts'
export {
  type FieldsAccepted,
  type FieldsOutput,
  type InputOf,
  type OutputOf,
  type UnknownFields,
} from './field-types.ts'
export { pathText, type Problem } from './inspection.ts'
export { type JsonObject, type JsonValue } from './json.ts'
export { payloadVersion } from './payload.ts'
export { createRegistry, type Registry, type RegistryOptions } from './registry.ts'
export {
  type StandardSchema,
  type StandardSchemaIssue,
  type StandardSchemaProperties,
  type StandardSchemaResult,
  type StandardSchemaTypes,
} from './standard-schema.ts'
