import b4a from 'b4a'
import type { Call } from '../call.ts'
import { type Command, plain } from '../command.ts'
import { globMatches } from '../glob.ts'
import { nameOf } from '../key-part.ts'
import type { SubscriptionKind } from '../pubsub.ts'
import { NO_REPLY, type Reply } from '../reply.ts'

type Args = readonly Uint8Array[]

const words: Readonly<Record<SubscriptionKind, string>> = {
  channels: 'subscribe',
  patterns: 'psubscribe',
  shardChannels: 'ssubscribe',
}

const endWords: Readonly<Record<SubscriptionKind, string>> = {
  channels: 'unsubscribe',
  patterns: 'punsubscribe',
  shardChannels: 'sunsubscribe',
}

const bytesOf = (name: string): Uint8Array => b4a.from(name, 'latin1')

function countOf({ session }: Call, kind: SubscriptionKind): number {
  return kind === 'shardChannels'
    ? session.shardChannels.size
    : session.channels.size + session.patterns.size
}

function subscribes(kind: SubscriptionKind): Command['run'] {
  return (call, channels) => {
    const { engine, session } = call
    call.effect(() => {
      for (const channel of channels) {
        engine.pubsub.subscribe(kind, session, channel)
        session.sink.push([words[kind], channel, countOf(call, kind)], engine.pendingFrame)
      }
    })
    return NO_REPLY
  }
}

function unsubscribes(kind: SubscriptionKind): Command['run'] {
  return (call, channels) => {
    const { engine, session } = call
    call.effect(() => {
      const names = channels.length === 0 ? [...session[kind]] : channels.map(nameOf)
      for (const name of names) {
        engine.pubsub.unsubscribe(kind, session, name)
        const answer = [endWords[kind], bytesOf(name), countOf(call, kind)]
        session.sink.push(answer, engine.pendingFrame)
      }
      if (names.length > 0) return
      session.sink.push([endWords[kind], null, countOf(call, kind)], engine.pendingFrame)
    })
    return NO_REPLY
  }
}

function publish(call: Call, [channel, message]: Args): Reply {
  const { engine } = call
  const reached = engine.pubsub.audience(channel as Uint8Array)
  call.effect(() => {
    engine.pubsub.publish(channel as Uint8Array, message as Uint8Array, engine.pendingFrame)
  })
  return reached
}

function spublish(call: Call, [channel, message]: Args): Reply {
  const { engine } = call
  const reached = engine.pubsub.shardAudience(channel as Uint8Array)
  call.effect(() => {
    engine.pubsub.publishShard(channel as Uint8Array, message as Uint8Array, engine.pendingFrame)
  })
  return reached
}

function channelsOf(kind: SubscriptionKind): Command['run'] {
  return ({ engine }, [pattern]) =>
    engine.pubsub
      .names(kind)
      .map(bytesOf)
      .filter((name) => pattern === undefined || globMatches(pattern, name))
}

function countsOf(kind: SubscriptionKind): Command['run'] {
  return ({ engine }, channels) =>
    channels.flatMap((channel) => [channel, engine.pubsub.count(kind, nameOf(channel))])
}

const subcommand = (
  name: string,
  arity: number,
  run: Command['run'],
): readonly [string, Command] => [
  name,
  plain(`pubsub|${name}`, arity, run, { flags: ['pubsub', 'loading', 'stale'] }),
]

const pubsubSubcommands = new Map<string, Command>([
  subcommand('channels', -2, channelsOf('channels')),
  subcommand('numsub', -2, countsOf('channels')),
  subcommand('numpat', 2, ({ engine }) => engine.pubsub.names('patterns').length),
  subcommand('shardchannels', -2, channelsOf('shardChannels')),
  subcommand('shardnumsub', -2, countsOf('shardChannels')),
])

const FLAGS = { flags: ['pubsub', 'noscript', 'loading', 'stale', 'subscribed'] } as const

export const pubSubCommands: readonly Command[] = [
  plain('subscribe', -2, subscribes('channels'), FLAGS),
  plain('psubscribe', -2, subscribes('patterns'), FLAGS),
  plain('ssubscribe', -2, subscribes('shardChannels'), FLAGS),
  plain('unsubscribe', -1, unsubscribes('channels'), FLAGS),
  plain('punsubscribe', -1, unsubscribes('patterns'), FLAGS),
  plain('sunsubscribe', -1, unsubscribes('shardChannels'), FLAGS),
  plain('publish', 3, publish, { flags: ['pubsub', 'fast', 'loading', 'stale'] }),
  plain('spublish', 3, spublish, { flags: ['pubsub', 'fast', 'loading', 'stale'] }),
  plain('pubsub', -2, () => null, { subcommands: pubsubSubcommands }),
]
