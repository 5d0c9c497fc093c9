import type { RedisArgument as Arg, RedisArguments as Args } from '../redis-argument.ts'

/** Sets. Arguments and order are Redis'. */
export interface SetMethods {
  sAdd(key: Arg, ...members: Args): Promise<number>
  sRem(key: Arg, ...members: Args): Promise<number>
  sMove(key: Arg, to: Arg, member: Arg): Promise<number>
  sPop(key: Arg, ...count: Args): Promise<string | undefined | string[]>
  sIsMember(key: Arg, member: Arg): Promise<number>
  sMIsMember(key: Arg, ...members: Args): Promise<number[]>
  sCard(key: Arg): Promise<number>
  sMembers(key: Arg): Promise<string[]>
  sRandMember(key: Arg, ...count: Args): Promise<string | undefined | string[]>
  sInter(...keys: Args): Promise<string[]>
  sUnion(...keys: Args): Promise<string[]>
  sDiff(...keys: Args): Promise<string[]>
  sInterStore(target: Arg, ...keys: Args): Promise<number>
  sUnionStore(target: Arg, ...keys: Args): Promise<number>
  sDiffStore(target: Arg, ...keys: Args): Promise<number>
  sInterCard(count: Arg, ...keys: Args): Promise<number>
  sScan(key: Arg, cursor: Arg, ...options: Args): Promise<[cursor: string, members: string[]]>
}
