import { createHash } from 'node:crypto'
import { defineInterface, type InterfaceStream } from '@datagram/stream'
import b4a from 'b4a'
import type { Datagram } from '../src/index.ts'
import { forgetfulChats } from './forgetful-chat.ts'
import type { Forgetful } from './forgetful-interface.ts'
import { forgetfulRedis } from './forgetful-redis.ts'

const KIB = 1024

const plain = defineInterface({
  name: 'plain',
  contract: 1,
  version: 1,
  open: (stream: InterfaceStream) => ({ stream }),
})

const blobName = (secret: string) =>
  `SHA256-${createHash('sha256').update(secret).digest('hex')}` as const
const keyOf = (secret: string) => `key of ${secret.length}`
const fileOf = (secret: string) => `/file of ${secret.length}`

async function objectOf(datagram: Datagram, { length }: string) {
  const { stream } = await datagram.open('objects', plain)
  for await (const object of stream.objects()) {
    if (object.size === length) return { stream, object }
  }
  return { stream, object: undefined }
}

/** Whatever keeps something for somebody; what lands later joins in. */
export const forgetful: readonly Forgetful[] = [
  {
    name: 'a value of kv',
    stream: 'map',
    sizes: [100, 16 * KIB, 256 * KIB],
    store: async (datagram, secret) => {
      const map = await datagram.kv('map')
      // The second time it is the value before.
      await Promise.all([map.set(keyOf(secret), secret), map.set(`beside ${secret.length}`, 'one')])
      await map.set(keyOf(secret), `${secret} again`)
    },
    forget: async (datagram, secret) => (await datagram.kv('map')).forget(keyOf(secret)),
    has: async (datagram, secret) =>
      (await (await datagram.kv('map')).get(keyOf(secret)))?.startsWith(secret) === true,
  },
  {
    name: 'a key of kv',
    stream: 'keys',
    sizes: [100, 4000],
    store: async (datagram, secret) => void (await (await datagram.kv('keys')).set(secret, '1')),
    forget: async (datagram, secret) => (await datagram.kv('keys')).forget(secret),
    has: async (datagram, secret) => (await datagram.kv('keys')).has(secret),
  },
  {
    name: 'a plain object',
    stream: 'objects',
    sizes: [100, 16 * KIB, 256 * KIB],
    store: async (datagram, secret) => {
      const { stream } = await datagram.open('objects', plain)
      await stream.write((tx) => {
        tx.append('beside it')
        tx.append(secret)
      })
    },
    forget: async (datagram, secret) => {
      const { stream, object } = await objectOf(datagram, secret)
      if (object !== undefined) await stream.forget(object)
    },
    has: async (datagram, secret) => {
      const { object } = await objectOf(datagram, secret)
      if (object === undefined || object.forgotten) return false
      return b4a.equals(await object.read(), b4a.from(secret))
    },
  },
  {
    name: 'a blob of a store of objects',
    stream: 'blobs',
    sizes: [100, 16 * KIB, 256 * KIB, 3 * 1024 * KIB],
    store: async (datagram, secret) => {
      const objects = await datagram.objects('blobs')
      await Promise.all([objects.putBlob(`beside ${secret.length}`), objects.putBlob(secret)])
    },
    forget: async (datagram, secret) => {
      await (await datagram.objects('blobs')).forget(blobName(secret))
    },
    has: async (datagram, secret) => (await datagram.objects('blobs')).hasBlob(blobName(secret)),
  },
  {
    name: 'what is in a file',
    stream: 'files',
    sizes: [100, 16 * KIB, 256 * KIB],
    store: async (datagram, secret) => {
      const { promises: files } = await datagram.fs('files')
      await Promise.all([
        files.writeFile(fileOf(secret), secret),
        files.writeFile(`/beside ${secret.length}`, 'one'),
      ])
      // The second time it is the content before.
      await files.writeFile(fileOf(secret), `${secret} again`)
    },
    forget: async (datagram, secret) => {
      await (await datagram.fs('files')).promises.rm(fileOf(secret), { previous: 'forget' })
    },
    has: async (datagram, secret) => {
      const { promises: files } = await datagram.fs('files')
      const content = await files.readFile(fileOf(secret), 'utf8').catch(noFile)
      return content?.startsWith(secret) === true
    },
  },
  {
    name: 'a name of a file',
    stream: 'names',
    sizes: [100, 240],
    store: async (datagram, secret) => {
      const { promises: files } = await datagram.fs('names')
      await files.writeFile(`/${secret}`, '1')
    },
    forget: async (datagram, secret) => {
      const { promises: files } = await datagram.fs('names')
      await files.rename(`/${secret}`, fileOf(secret), { previous: 'forget' })
    },
    has: async (datagram, secret) => {
      const { promises: files } = await datagram.fs('names')
      return (await files.stat(`/${secret}`).catch(noFile)) !== undefined
    },
  },
  ...forgetfulChats,
  ...forgetfulRedis,
]

function noFile(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
