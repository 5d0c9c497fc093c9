import { constants } from 'node:fs'
import { contentCalls, type ContentCallsContext } from './content-calls.ts'
import { nameCalls, pathCalls } from './path-calls.ts'
import { treeCalls } from './tree-calls.ts'
import { watchCalls } from './watcher.ts'

/** All of `node:fs/promises`. */
export function promiseCalls(context: ContentCallsContext) {
  const { drive } = context
  return {
    ...pathCalls(drive),
    ...nameCalls(drive),
    ...contentCalls(context),
    ...treeCalls(drive),
    watch: watchCalls(drive).watchIterator,
    constants,
  }
}

export type PromiseCalls = ReturnType<typeof promiseCalls>
