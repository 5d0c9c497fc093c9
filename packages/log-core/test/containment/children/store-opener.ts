// Opens a store; acknowledges its log's length, or the code of the error.
import { isDatagramError } from '@datagram/errors'
import { acknowledge, childOptions } from '@datagram/fault-harness'
import { openStore } from '../../../src/index.ts'

const { folder } = childOptions<{ folder: string }>()
try {
  const store = await openStore(folder)
  acknowledge((await store.open('log')).length)
} catch (error) {
  acknowledge(isDatagramError(error) ? error.code : String(error))
}
process.exit(0)
