import { describe, expect, it } from 'vitest'
import { guarded } from '../src/guard.ts'

function switched() {
  const state = { isOpen: true }
  const check = () => {
    if (!state.isOpen) throw new RangeError('closed')
  }
  return { state, check }
}

class Base {
  inherited() {
    return 'inherited'
  }
}

class Api extends Base {
  #secret = 1
  readonly plain = 'plain'
  readonly map = new Map([[1, 2]])
  readonly nested = {
    deep: { method: () => 'deep' },
    async asynchronous() {
      return 'nested'
    },
  }
  count = 0

  get secret() {
    return this.#secret
  }

  set secret(value: number) {
    this.#secret = value
  }

  sync() {
    return this.#secret
  }

  async asynchronous() {
    return this.#secret
  }

  async *items() {
    yield 1
    yield 2
  }

  *syncItems() {
    yield 1
    yield 2
  }

  list() {
    return [1, 2]
  }
}

describe('a guarded API', () => {
  it('does what the API does while it is open', async () => {
    const { check } = switched()
    const api = guarded(new Api(), check)
    expect(api).toBeInstanceOf(Api)
    expect(api.sync()).toBe(1)
    expect(await api.asynchronous()).toBe(1)
    expect(api.inherited()).toBe('inherited')
    expect(api.nested.deep.method()).toBe('deep')
    expect(await api.nested.asynchronous()).toBe('nested')
    expect(api.nested).toBe(api.nested)
    api.secret = 5
    api.count = 7
    expect([api.secret, api.count, api.plain]).toEqual([5, 7, 'plain'])
    expect(api.map.get(1)).toBe(2)
    expect(api.list()).toEqual([1, 2])
    const items: number[] = []
    for await (const item of api.items()) items.push(item)
    for (const item of api.syncItems()) items.push(item)
    expect(items).toEqual([1, 2, 1, 2])
    const iterator = api.items()
    await iterator.next()
    expect(await iterator.return()).toEqual({ done: true, value: undefined })
  })

  it('refuses every use once it is closed', async () => {
    const { state, check } = switched()
    const api = guarded(new Api(), check)
    const { nested } = api
    const { deep } = nested
    const iterator = api.items()
    const syncIterator = api.syncItems()
    await iterator.next()
    syncIterator.next()
    state.isOpen = false
    const uses: Record<string, () => unknown> = {
      sync: () => api.sync(),
      inherited: () => api.inherited(),
      plain: () => api.plain,
      getter: () => api.secret,
      setter: () => {
        api.secret = 1
      },
      assign: () => {
        api.count = 1
      },
      map: () => api.map,
      nested: () => api.nested,
      deep: () => deep.method(),
      items: () => api.items(),
      syncItems: () => api.syncItems(),
      syncNext: () => syncIterator.next(),
    }
    for (const [name, use] of Object.entries(uses)) expect(use, name).toThrow(RangeError)
    await expect(api.asynchronous()).rejects.toThrow(RangeError)
    await expect(nested.asynchronous()).rejects.toThrow(RangeError)
    await expect(iterator.next()).rejects.toThrow(RangeError)
  })

  it('guards a plain object, and one that is guarded already', async () => {
    const { state, check } = switched()
    const api = guarded(
      guarded({ value: async () => 1, [Symbol.asyncDispose]: async () => undefined }, check),
      check,
    )
    expect(await api.value()).toBe(1)
    state.isOpen = false
    await expect(api.value()).rejects.toThrow(RangeError)
  })

  it('makes instances of the same classes, and keeps what hangs on a function', async () => {
    const { state, check } = switched()
    const find = Object.assign(async () => 'found', { native: async () => 'native', kind: 'a' })
    const api = guarded({ Base, find }, check)
    expect(new api.Base()).toBeInstanceOf(Base)
    expect(new Base()).toBeInstanceOf(api.Base)
    expect(api.find.kind).toBe('a')
    state.isOpen = false
    expect(() => new api.Base()).toThrow('closed')
    await expect(api.find.native()).rejects.toThrow('closed')
  })
})
