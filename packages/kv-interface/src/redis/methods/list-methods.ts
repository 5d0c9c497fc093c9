import type { RedisArgument as Arg, RedisArguments as Args } from '../redis-argument.ts'

/** Lists. Arguments and order are Redis'. */
export interface ListMethods {
  lPush(key: Arg, ...values: Args): Promise<number>
  rPush(key: Arg, ...values: Args): Promise<number>
  lPushX(key: Arg, ...values: Args): Promise<number>
  rPushX(key: Arg, ...values: Args): Promise<number>
  lPop(key: Arg, ...count: Args): Promise<string | undefined | string[]>
  rPop(key: Arg, ...count: Args): Promise<string | undefined | string[]>
  lSet(key: Arg, index: Arg, value: Arg): Promise<'OK'>
  lTrim(key: Arg, start: Arg, end: Arg): Promise<'OK'>
  lInsert(key: Arg, where: Arg, pivot: Arg, value: Arg): Promise<number>
  lRem(key: Arg, count: Arg, value: Arg): Promise<number>
  lLen(key: Arg): Promise<number>
  lRange(key: Arg, start: Arg, end: Arg): Promise<string[]>
  lIndex(key: Arg, index: Arg): Promise<string | undefined>
  lPos(key: Arg, value: Arg, ...options: Args): Promise<number | undefined | number[]>
  lMove(key: Arg, to: Arg, from: Arg, into: Arg): Promise<string | undefined>
  rPopLPush(key: Arg, to: Arg): Promise<string | undefined>
  lMPop(...args: Args): Promise<[key: string, values: string[]] | undefined>
  blPop(...keysAndTimeout: Args): Promise<[key: string, value: string] | undefined>
  brPop(...keysAndTimeout: Args): Promise<[key: string, value: string] | undefined>
  blMove(key: Arg, to: Arg, from: Arg, into: Arg, timeout: Arg): Promise<string | undefined>
  brPopLPush(key: Arg, to: Arg, timeout: Arg): Promise<string | undefined>
  blMPop(timeout: Arg, ...args: Args): Promise<[key: string, values: string[]] | undefined>
}
