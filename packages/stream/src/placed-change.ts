import type { Change, ChangeOperation, ReadOptions } from './interface-stream.ts'
import { placeOf } from './place.ts'
import type { PlacedOperation, PlacedTransaction } from './placed-transaction.ts'
import { StoredObject } from './stored-object.ts'
import type { StreamCore } from './stream-core.ts'

/** A transaction of the data log as an interface is given it. */
export function changeOf(core: StreamCore, transaction: PlacedTransaction): Change {
  const { operations, moment, stamp, writer } = transaction
  return {
    // Whoever stops amid the transactions of one append is given all of them again.
    position: moment.position,
    moment,
    stamp,
    writer,
    operations: operations.map((operation) => operationOf(core, operation)),
  }
}

function operationOf(core: StreamCore, { operation, block, n }: PlacedOperation): ChangeOperation {
  if (operation.type === 'del') return { type: 'del', key: new Uint8Array(operation.key) }
  const place = placeOf(operation.body, block)
  const descriptor = operation.type === 'put' ? 0 : operation.descriptor
  const context = { bodies: core.bodies, assertOpen: core.assertUsable, failure: core.failure }
  const object = new StoredObject(n, { descriptor, size: place.size, place }, context)
  if (operation.type !== 'put') return { type: 'object', object }
  const read = (options?: ReadOptions) => object.read(options)
  return { type: 'put', key: new Uint8Array(operation.key), size: place.size, read }
}
