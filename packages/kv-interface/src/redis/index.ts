export type { CommandFlag } from './command-flag.ts'
export { Call, type EngineStats } from './call.ts'
export {
  type Command,
  type KeyPlaces,
  keysOfCommand,
  plain,
  reads,
  writes,
} from './command.ts'
export { CommandTable } from './command-table.ts'
export { Dispatcher } from './dispatcher.ts'
export { Engine } from './engine.ts'
export { Frame, type FrameWaiter } from './frame.ts'
export { globMatches } from './glob.ts'
export { type JsReply } from './js-reply.ts'
export { floatText } from './number-text.ts'
export { type RedisMethods } from './methods/redis-methods.ts'
export { type RedisCommandLine, RedisStore } from './redis.ts'
export { type RedisArgument } from './redis-argument.ts'
export { redisError } from './redis-error.ts'
export { redisInterface } from './redis-interface.ts'
export {
  Double,
  Members,
  NIL_ARRAY,
  NO_REPLY,
  OK,
  type Reply,
  Status,
} from './reply.ts'
export { Session, type SessionSink } from './session.ts'
