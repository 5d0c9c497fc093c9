import type { RedisArgument as Arg, RedisArguments as Args } from '../redis-argument.ts'

/** Keys of any type. Arguments and order are Redis'. */
export interface KeyMethods {
  del(...keys: Args): Promise<number>
  unlink(...keys: Args): Promise<number>
  exists(...keys: Args): Promise<number>
  touch(...keys: Args): Promise<number>
  type(key: Arg): Promise<string>
  rename(key: Arg, to: Arg): Promise<'OK'>
  renameNX(key: Arg, to: Arg): Promise<number>
  move(key: Arg, database: Arg): Promise<number>
  copy(key: Arg, to: Arg, ...options: Args): Promise<number>
  keys(pattern: Arg): Promise<string[]>
  randomKey(): Promise<string | undefined>
  dbSize(): Promise<number>
  flushDb(...options: Args): Promise<'OK'>
  flushAll(...options: Args): Promise<'OK'>
  swapDb(a: Arg, b: Arg): Promise<'OK'>
  expire(key: Arg, seconds: Arg, ...options: Args): Promise<number>
  pExpire(key: Arg, milliseconds: Arg, ...options: Args): Promise<number>
  expireAt(key: Arg, seconds: Arg, ...options: Args): Promise<number>
  pExpireAt(key: Arg, milliseconds: Arg, ...options: Args): Promise<number>
  persist(key: Arg): Promise<number>
  ttl(key: Arg): Promise<number>
  pTtl(key: Arg): Promise<number>
  expireTime(key: Arg): Promise<number>
  pExpireTime(key: Arg): Promise<number>
  scan(cursor: Arg, ...options: Args): Promise<[cursor: string, keys: string[]]>
  sort(key: Arg, ...options: Args): Promise<(string | undefined)[] | number>
  sortRO(key: Arg, ...options: Args): Promise<(string | undefined)[]>
  dump(key: Arg): Promise<string | undefined>
  restore(key: Arg, milliseconds: Arg, payload: Arg, ...options: Args): Promise<'OK'>
  publish(channel: Arg, message: Arg): Promise<number>
}
