import type { JsReply } from '../js-reply.ts'
import type { RedisArgument } from '../redis-argument.ts'
import { methodCommands, type RedisMethods } from './redis-methods.ts'

/** What carries commands out by their names. */
interface Caller {
  call(name: string, ...args: readonly RedisArgument[]): Promise<JsReply>
}

// Not a class of its own words: its methods are those of the table.
function MethodBase(): void {}

// Async functions: a guarded API tells by that how a method refuses once the stream is closed.
for (const [method, name] of Object.entries(methodCommands)) {
  Object.defineProperty(MethodBase.prototype, method, {
    configurable: true,
    writable: true,
    async value(this: Caller, ...args: RedisArgument[]): Promise<JsReply> {
      return this.call(name, ...args)
    },
  })
}

/** A class whose instances have a method for each command, over their own `call`. */
export const RedisMethodBase = MethodBase as unknown as new () => RedisMethods
