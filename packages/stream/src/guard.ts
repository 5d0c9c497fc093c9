import { type Check, guardedIterator, isIterator } from './guarded-iterator.ts'

type Method = (this: unknown, ...args: unknown[]) => unknown

const AsyncFunction = (async () => undefined).constructor
// What was made here of an async function: its kind no longer shows, and an API may be guarded twice.
const rejecting = new WeakSet<Method>()
// Disposing of something twice, or after its parent, is no misuse.
const neverGuarded: ReadonlySet<PropertyKey> = new Set<PropertyKey>([
  'constructor',
  Symbol.dispose,
  Symbol.asyncDispose,
])

// What every function has.
const partsOfFunctions: ReadonlySet<PropertyKey> = new Set<PropertyKey>([
  'length',
  'name',
  'prototype',
  'arguments',
  'caller',
])

/**
 * `api` with `check` before every use: methods, getters and setters, own and inherited, also of the
 * objects that it has as properties. Iterators that a method returns are checked at every step.
 *
 * A refused method rejects when it is an `async` function, and throws otherwise. What `api` has is looked
 * at once; properties that it gets later are not seen. Methods run on `api` itself, so private fields
 * work, and the result is an instance of the same class.
 */
export function guarded<Api extends object>(api: Api, check: Check): Api {
  return guard(api, check, new WeakMap()) as Api
}

function guard(target: object, check: Check, known: WeakMap<object, object>): object {
  const before = known.get(target)
  if (before !== undefined) return before
  const result: object = Object.create(Object.getPrototypeOf(target))
  known.set(target, result)
  const properties: PropertyDescriptorMap = {}
  for (const [key, property] of propertiesOf(target)) {
    const guarding = guardedProperty(target, key, property, check, known)
    properties[key as string] = Object.assign(guarding, {
      enumerable: property.enumerable ?? false,
      configurable: true,
    })
  }
  // At once: an interface has dozens, and one by one they take three times as long.
  return Object.defineProperties(result, properties)
}

function guardedProperty(
  target: object,
  key: PropertyKey,
  { value, get, set, writable }: PropertyDescriptor,
  check: Check,
  known: WeakMap<object, object>,
): PropertyDescriptor {
  if (typeof value === 'function') return { value: guardedMethod(target, value as Method, check) }
  const read = () => {
    check()
    return guardedValue(target, Reflect.get(target, key), check, known)
  }
  const write = (next: unknown) => {
    check()
    Reflect.set(target, key, next)
  }
  const isReadable = get !== undefined || set === undefined
  const isWritable = set !== undefined || writable === true
  return { ...(isReadable ? { get: read } : {}), ...(isWritable ? { set: write } : {}) }
}

function guardedMethod(target: object, method: Method, check: Check): Method {
  if (isClass(method)) return guardedClass(method, check)
  const call = guardedCall(target, method, check)
  const extras = Reflect.ownKeys(method).filter((key) => !partsOfFunctions.has(key))
  // Hardly any has some, and an interface may have hundreds of methods: they are looked at whenever it is opened.
  if (extras.length === 0) return call
  return Object.defineProperties(call, extrasOf(method, extras, check))
}

function guardedCall(target: object, method: Method, check: Check): Method {
  if (method instanceof AsyncFunction || rejecting.has(method)) {
    const asyncMethod: Method = (...args) => {
      try {
        check()
      } catch (error) {
        return Promise.reject(error)
      }
      return method.apply(target, args)
    }
    rejecting.add(asyncMethod)
    return asyncMethod
  }
  return (...args) => {
    check()
    const result = method.apply(target, args)
    return isIterator(result) ? guardedIterator(result, check) : result
  }
}

// What is made of it, and what is an instance of it, stays so.
function guardedClass(method: Method, check: Check): Method {
  return new Proxy(method, {
    apply(target, self, args: unknown[]) {
      check()
      return Reflect.apply(target, self, args)
    },
    construct(target, args: unknown[], made) {
      check()
      return Reflect.construct(target, args, made) as object
    },
  })
}

function isClass(method: Method): boolean {
  return Object.getOwnPropertyDescriptor(method, 'prototype')?.writable === false
}

// What an author has hung on a function: a variant of it, or how `util.promisify` turns it.
function extrasOf(
  method: Method,
  keys: readonly PropertyKey[],
  check: Check,
): PropertyDescriptorMap {
  const extras: PropertyDescriptorMap = {}
  for (const key of keys) {
    const value: unknown = Reflect.get(method, key)
    const isMethod = typeof value === 'function'
    const enumerable = Object.prototype.propertyIsEnumerable.call(method, key)
    extras[key as string] = {
      value: isMethod ? guardedMethod(method, value as Method, check) : value,
      enumerable,
    }
  }
  return extras
}

function guardedValue(
  target: object,
  value: unknown,
  check: Check,
  known: WeakMap<object, object>,
): unknown {
  if (typeof value === 'function') return guardedMethod(target, value as Method, check)
  if (isIterator(value)) return guardedIterator(value, check)
  // Maps, dates, buffers and the like are values; an object of nobody's class, or of the author's, is API.
  const isApi = Object.prototype.toString.call(value) === '[object Object]'
  return isApi ? guard(value as object, check, known) : value
}

// Own properties and those of the classes it is an instance of, the nearest of each name.
function propertiesOf(target: object): Map<PropertyKey, PropertyDescriptor> {
  const properties = new Map<PropertyKey, PropertyDescriptor>()
  for (
    let owner: object | null = target;
    owner !== null && owner !== Object.prototype;
    owner = Object.getPrototypeOf(owner)
  ) {
    for (const key of Reflect.ownKeys(owner)) {
      if (neverGuarded.has(key) || properties.has(key)) continue
      const property = Object.getOwnPropertyDescriptor(owner, key)
      if (property !== undefined) properties.set(key, property)
    }
  }
  return properties
}
