import type { WaitOptions } from '@datagram/log-core'
import { type StreamUsage, streamUsage } from '@datagram/stream'
import type { Members } from './members.ts'
import type { OpenStreams } from './open-streams.ts'
import type { Root } from './root.ts'
import { type VerifyReport, verifyStreams } from './verify-logs.ts'

/** What each stream takes of this machine. */
export type StreamUsages = readonly StreamUsage[]

/** Verifies every stream of a container, its own first. */
export async function verifyAll(
  { whole, roster }: Root,
  members: Members,
  wait: WaitOptions,
): Promise<VerifyReport> {
  const own = [whole?.index, whole?.data, roster].filter((log) => log !== undefined)
  const taken = await members.takeAll(wait)
  const others = taken.map(({ name, index, data }) => ({ name, logs: [index, data] }))
  return verifyStreams([{ name: '', logs: own }, ...others], members.unavailable, wait)
}

/** What every stream of a container takes of this machine, its own first. */
export async function usageOfAll(
  { whole }: Root,
  members: Members,
  open: OpenStreams,
  wait: WaitOptions,
): Promise<StreamUsages> {
  const usage = whole ? [await streamUsage('', whole, whole.stream.index, wait)] : []
  for (const member of await members.takeAll(wait)) {
    const { name } = member
    usage.push(await streamUsage(name, member, (await open.opened(name))?.index, wait))
  }
  return usage
}
