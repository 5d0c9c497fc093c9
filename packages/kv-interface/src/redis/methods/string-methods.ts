import type { JsReply } from '../js-reply.ts'
import type { RedisArgument as Arg, RedisArguments as Args } from '../redis-argument.ts'

/** Strings. Arguments and order are Redis'. */
export interface StringMethods {
  get(key: Arg): Promise<string | undefined>
  set(key: Arg, value: Arg, ...options: Args): Promise<'OK' | string | undefined>
  setNX(key: Arg, value: Arg): Promise<number>
  setEX(key: Arg, seconds: Arg, value: Arg): Promise<'OK'>
  pSetEX(key: Arg, milliseconds: Arg, value: Arg): Promise<'OK'>
  getSet(key: Arg, value: Arg): Promise<string | undefined>
  getDel(key: Arg): Promise<string | undefined>
  getEX(key: Arg, ...options: Args): Promise<string | undefined>
  mGet(...keys: Args): Promise<(string | undefined)[]>
  mSet(...keysAndValues: Args): Promise<'OK'>
  mSetNX(...keysAndValues: Args): Promise<number>
  append(key: Arg, value: Arg): Promise<number>
  strLen(key: Arg): Promise<number>
  getRange(key: Arg, start: Arg, end: Arg): Promise<string>
  setRange(key: Arg, offset: Arg, value: Arg): Promise<number>
  incr(key: Arg): Promise<number | bigint>
  decr(key: Arg): Promise<number | bigint>
  incrBy(key: Arg, by: Arg): Promise<number | bigint>
  decrBy(key: Arg, by: Arg): Promise<number | bigint>
  incrByFloat(key: Arg, by: Arg): Promise<string>
  lcs(a: Arg, b: Arg, ...options: Args): Promise<JsReply>
  setBit(key: Arg, offset: Arg, bit: Arg): Promise<number>
  getBit(key: Arg, offset: Arg): Promise<number>
  bitCount(key: Arg, ...range: Args): Promise<number>
  bitPos(key: Arg, bit: Arg, ...range: Args): Promise<number>
  bitField(key: Arg, ...steps: Args): Promise<(number | bigint | undefined)[]>
  bitFieldRO(key: Arg, ...steps: Args): Promise<(number | bigint)[]>
  bitOp(operation: Arg, target: Arg, ...keys: Args): Promise<number>
}
