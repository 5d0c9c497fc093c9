import { checkKey, checkValue } from './limits.ts'
import type { IndexOperation } from './ordered-index.ts'

/** Checks operations before any is taken in. Throws as {@link checkKey} and {@link checkValue} do. */
export function checkOperations(operations: readonly IndexOperation[]): void {
  for (const operation of operations) {
    checkKey(operation.key)
    if (operation.type === 'put') checkValue(operation.value)
    else if (operation.type !== 'del') throw new TypeError('an operation is a put or a del')
  }
}
