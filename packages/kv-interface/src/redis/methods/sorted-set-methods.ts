import type { JsReply } from '../js-reply.ts'
import type { RedisArgument as Arg, RedisArguments as Args } from '../redis-argument.ts'

/** Members, or (WITHSCORES) members with their scores. */
export type ZMembers = string[] | [member: string, score: number][]

/** Sorted sets. Members with scores come as pairs. Arguments and order are Redis'. */
export interface SortedSetMethods {
  zAdd(key: Arg, ...scoresAndMembers: Args): Promise<number | undefined>
  zIncrBy(key: Arg, by: Arg, member: Arg): Promise<number>
  zRem(key: Arg, ...members: Args): Promise<number>
  zCard(key: Arg): Promise<number>
  zScore(key: Arg, member: Arg): Promise<number | undefined>
  zMScore(key: Arg, ...members: Args): Promise<(number | undefined)[]>
  zRank(key: Arg, member: Arg): Promise<number | undefined>
  zRevRank(key: Arg, member: Arg): Promise<number | undefined>
  zRange(key: Arg, start: Arg, end: Arg, ...options: Args): Promise<ZMembers>
  zRevRange(key: Arg, start: Arg, end: Arg, ...options: Args): Promise<ZMembers>
  zRangeByScore(key: Arg, start: Arg, end: Arg, ...options: Args): Promise<ZMembers>
  zRevRangeByScore(key: Arg, start: Arg, end: Arg, ...options: Args): Promise<ZMembers>
  zRangeByLex(key: Arg, start: Arg, end: Arg, ...options: Args): Promise<ZMembers>
  zRevRangeByLex(key: Arg, start: Arg, end: Arg, ...options: Args): Promise<ZMembers>
  zCount(key: Arg, min: Arg, max: Arg): Promise<number>
  zLexCount(key: Arg, min: Arg, max: Arg): Promise<number>
  zRangeStore(target: Arg, key: Arg, start: Arg, end: Arg, ...options: Args): Promise<number>
  zRemRangeByRank(key: Arg, start: Arg, end: Arg): Promise<number>
  zRemRangeByScore(key: Arg, min: Arg, max: Arg): Promise<number>
  zRemRangeByLex(key: Arg, min: Arg, max: Arg): Promise<number>
  zUnion(count: Arg, ...args: Args): Promise<ZMembers>
  zInter(count: Arg, ...args: Args): Promise<ZMembers>
  zDiff(count: Arg, ...args: Args): Promise<ZMembers>
  zUnionStore(target: Arg, count: Arg, ...args: Args): Promise<number>
  zInterStore(target: Arg, count: Arg, ...args: Args): Promise<number>
  zDiffStore(target: Arg, count: Arg, ...args: Args): Promise<number>
  zInterCard(count: Arg, ...args: Args): Promise<number>
  zPopMin(key: Arg, ...count: Args): Promise<JsReply>
  zPopMax(key: Arg, ...count: Args): Promise<JsReply>
  bzPopMin(
    ...keysAndTimeout: Args
  ): Promise<[key: string, member: string, score: number] | undefined>
  bzPopMax(
    ...keysAndTimeout: Args
  ): Promise<[key: string, member: string, score: number] | undefined>
  zMPop(count: Arg, ...args: Args): Promise<JsReply>
  bzMPop(timeout: Arg, ...args: Args): Promise<JsReply>
  zRandMember(key: Arg, ...options: Args): Promise<JsReply>
  zScan(
    key: Arg,
    cursor: Arg,
    ...options: Args
  ): Promise<[cursor: string, membersAndScores: string[]]>
}
