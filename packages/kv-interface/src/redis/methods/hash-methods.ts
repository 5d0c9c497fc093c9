import type { JsReply } from '../js-reply.ts'
import type { RedisArgument as Arg, RedisArguments as Args } from '../redis-argument.ts'

/** Hashes. Arguments and order are Redis'. */
export interface HashMethods {
  hSet(key: Arg, ...fieldsAndValues: Args): Promise<number>
  hMSet(key: Arg, ...fieldsAndValues: Args): Promise<'OK'>
  hSetNX(key: Arg, field: Arg, value: Arg): Promise<number>
  hGet(key: Arg, field: Arg): Promise<string | undefined>
  hMGet(key: Arg, ...fields: Args): Promise<(string | undefined)[]>
  hGetAll(key: Arg): Promise<Record<string, string>>
  hDel(key: Arg, ...fields: Args): Promise<number>
  hIncrBy(key: Arg, field: Arg, by: Arg): Promise<number | bigint>
  hIncrByFloat(key: Arg, field: Arg, by: Arg): Promise<string>
  hKeys(key: Arg): Promise<string[]>
  hVals(key: Arg): Promise<string[]>
  hLen(key: Arg): Promise<number>
  hExists(key: Arg, field: Arg): Promise<number>
  hStrLen(key: Arg, field: Arg): Promise<number>
  hRandField(key: Arg, ...options: Args): Promise<JsReply>
  hScan(
    key: Arg,
    cursor: Arg,
    ...options: Args
  ): Promise<[cursor: string, fieldsAndValues: string[]]>
}
