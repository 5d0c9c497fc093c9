import b4a from 'b4a'
import type { Definition, KindDefinition } from './definition.ts'
import { definitionConflict } from './definition-compatibility.ts'
import type { Descriptor } from './descriptor.ts'
import { descriptorError } from './descriptor-errors.ts'
import { isDescriptor } from './descriptor-mark.ts'

/** How many definitions a registry holds unless told otherwise: a stranger's stream may carry any number. */
const DESCRIPTORS_MAX = 4096

/** How many definitions of one name and version: a new one is compared with all of them. */
const VARIANTS_MAX = 32

/** Options of {@link createRegistry}. */
export interface RegistryOptions {
  /** How many definitions it may hold; default 4,096. */
  readonly descriptorsMax?: number
}

/** The descriptors that a program or a stream knows, none of which contradicts another. */
export interface Registry extends Iterable<Descriptor> {
  /** How many there are. */
  readonly size: number
  /**
   * Adds a descriptor and returns it, or the one of the same id that was there. Throws
   * `DESCRIPTOR_CONFLICT` when one of the same name and version differs in more than optional fields added
   * at the end and descriptions, and `DESCRIPTOR_REGISTRY_FULL`.
   */
  add<Added extends Descriptor>(descriptor: Added): Added
  /** The descriptor with this id: 32 bytes, or hexadecimal. */
  byId(id: Uint8Array | string): Descriptor | undefined
  /**
   * The descriptor of this name and version; without a version, of the highest. Of several that differ in
   * the optional fields at the end, the one with the most fields.
   */
  get(name: string, version?: number): Descriptor | undefined
}

/** Makes an empty {@link Registry}. */
export function createRegistry({
  descriptorsMax = DESCRIPTORS_MAX,
}: RegistryOptions = {}): Registry {
  const byId = new Map<string, Descriptor>()
  const byName = new Map<string, Map<number, Descriptor[]>>()
  const variantsOf = (name: string, version: number) => byName.get(name)?.get(version) ?? []

  const insert = (descriptor: Descriptor): void => {
    const { name, version } = descriptor
    const variants = variantsOf(name, version)
    if (byId.size >= descriptorsMax) throw full(`${descriptorsMax} definitions`)
    for (const { definition } of variants) {
      const conflict = definitionConflict(definition, descriptor.definition)
      if (conflict !== undefined) throw conflict
    }
    if (variants.length >= VARIANTS_MAX) throw full(`${VARIANTS_MAX} definitions of one type`)
    const versions = byName.get(name) ?? new Map<number, Descriptor[]>()
    byName.set(name, versions.set(version, [...variants, descriptor].sort(byFields)))
    byId.set(descriptor.idText, descriptor)
  }

  return {
    get size() {
      return byId.size
    },
    add(descriptor) {
      if (!isDescriptor(descriptor)) throw new TypeError('a registry takes descriptors')
      const same = byId.get(descriptor.idText)
      if (same !== undefined) return same as typeof descriptor
      insert(descriptor)
      return descriptor
    },
    byId: (id) => byId.get(typeof id === 'string' ? id : b4a.toString(id, 'hex')),
    get(name, version) {
      const highest = () => Math.max(...(byName.get(name)?.keys() ?? []))
      return variantsOf(name, version ?? highest())[0]
    },
    [Symbol.iterator]: () => byId.values(),
  }
}

function full(what: string): Error {
  return descriptorError(
    'DESCRIPTOR_REGISTRY_FULL',
    `the registry holds ${what} already; use one registry for each stream, or allow more with descriptorsMax`,
  )
}

/** The most fields first. */
function byFields(a: Descriptor, b: Descriptor): number {
  return fieldsInAll(b.definition) - fieldsInAll(a.definition)
}

function fieldsInAll({ fields }: Definition): number {
  return fields.reduce((count, field) => count + 1 + fieldsInKind(field), 0)
}

function fieldsInKind(kind: KindDefinition): number {
  if (kind.kind === 'descriptor') return fieldsInAll(kind.of)
  if (kind.kind === 'list' || kind.kind === 'map') return fieldsInKind(kind.of)
  if (kind.kind !== 'oneOf' || 'values' in kind) return 0
  return kind.of.reduce((count, each) => count + fieldsInKind(each), 0)
}
