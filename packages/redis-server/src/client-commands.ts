import {
  type Call,
  type Command,
  OK,
  plain,
  redisError,
  type Reply,
  Status,
} from '@datagram/kv-interface/redis'
import type { Client } from './client.ts'
import type { ServerState } from './server-state.ts'

type Args = readonly Uint8Array[]

const FAST = ['noscript', 'loading', 'stale', 'fast', 'no_auth'] as const
const VERSION = '7.0.15'

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString()
const word = (bytes: Uint8Array | undefined) => text(bytes).toUpperCase()

function authenticate(state: ServerState, call: Call, user: string, password: Uint8Array): void {
  const client = state.clientOf(call.session)
  const isRight = user === 'default' && (!state.needsPassword || state.isPassword(password))
  if (!isRight) {
    throw redisError('WRONGPASS invalid username-password pair or user is disabled.')
  }
  client.isAuthenticated = true
}

function auth(state: ServerState): Command['run'] {
  return (call, args) => {
    if (args.length > 2) throw redisError('ERR syntax error')
    if (args.length === 1 && !state.needsPassword) {
      throw redisError(
        'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
      )
    }
    const [first, second] = args as readonly [Uint8Array, Uint8Array | undefined]
    authenticate(state, call, second === undefined ? 'default' : text(first), second ?? first)
    return OK
  }
}

function assertName(name: string): void {
  if (/[^!-~]/.test(name)) {
    throw redisError('ERR Client names cannot contain spaces, newlines or special characters.')
  }
}

function hello(state: ServerState): Command['run'] {
  return (call, args) => {
    const client = state.clientOf(call.session)
    let protocol: 2 | 3 = call.session.protocol
    if (args.length > 0) {
      const version = text(args[0])
      if (!/^-?\d+$/.test(version)) {
        throw redisError('ERR Protocol version is not an integer or out of range')
      }
      if (version !== '2' && version !== '3')
        throw redisError('NOPROTO unsupported protocol version')
      protocol = version === '2' ? 2 : 3
    }
    let name: string | undefined
    for (let i = 1; i < args.length; i++) {
      if (word(args[i]) === 'AUTH' && i + 2 < args.length) {
        authenticate(state, call, text(args[i + 1]), args[i + 2] as Uint8Array)
        i += 2
      } else if (word(args[i]) === 'SETNAME' && i + 1 < args.length) {
        name = text(args[++i])
        assertName(name)
      } else throw redisError(`ERR Syntax error in HELLO option '${text(args[i])}'`)
    }
    if (!client.isAuthenticated) {
      throw redisError(
        'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
      )
    }
    call.session.protocol = protocol
    if (name !== undefined) client.name = name
    return new Map<string, Reply>([
      ['server', 'redis'],
      ['version', VERSION],
      ['proto', protocol],
      ['id', call.session.id],
      ['mode', 'standalone'],
      ['role', call.engine.isWritable ? 'master' : 'replica'],
      ['modules', []],
    ])
  }
}

function reset(state: ServerState): Command['run'] {
  return ({ session, engine }) => {
    const client = state.clientOf(session)
    session.transaction = undefined
    engine.watches.unwatch(session)
    engine.pubsub.leave(session)
    session.db = 0
    session.protocol = 2
    client.name = ''
    state.monitors.delete(client)
    client.replies = 'on'
    client.isAuthenticated = !state.needsPassword
    return new Status('RESET')
  }
}

function quit(state: ServerState): Command['run'] {
  return ({ session }) => {
    state.clientOf(session).end()
    return OK
  }
}

/** A client as CLIENT LIST shows it. */
function describe(state: ServerState, client: Client): string {
  const { session, socket } = client
  const now = Date.now()
  const multi = session.transaction === undefined ? -1 : session.transaction.queued.length
  const flags = state.monitors.has(client) ? 'O' : session.subscriptions > 0 ? 'P' : 'N'
  const blocked = session.isBusy && flags === 'N' ? 'b' : flags
  return [
    `id=${session.id}`,
    `addr=${socket.remoteAddress}:${socket.remotePort}`,
    `laddr=${socket.localAddress}:${socket.localPort}`,
    'fd=0',
    `name=${client.name}`,
    `age=${Math.floor((now - client.openedAt) / 1000)}`,
    `idle=${Math.floor((now - client.lastAt) / 1000)}`,
    `flags=${client.lastCommand === 'client|list' ? flags : blocked}`,
    `db=${session.db}`,
    `sub=${session.channels.size}`,
    `psub=${session.patterns.size}`,
    `ssub=${session.shardChannels.size}`,
    `multi=${multi}`,
    'qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0',
    `obl=0 oll=0 omem=${socket.writableLength} tot-mem=0 events=r`,
    `cmd=${client.lastCommand}`,
    'user=default redir=-1',
    `resp=${session.protocol}`,
    `lib-name=${client.library}`,
    `lib-ver=${client.libraryVersion}`,
  ].join(' ')
}

function setinfo(client: Client, [attribute, value]: Args): Reply {
  const name = text(attribute).toLowerCase()
  if (name === 'lib-name') client.library = text(value)
  else if (name === 'lib-ver') client.libraryVersion = text(value)
  else throw redisError(`ERR Unrecognized option '${text(attribute)}'`)
  return OK
}

function kill(state: ServerState, call: Call, args: Args): Reply {
  const isMatch = killFilter(call, args)
  const killed = [...state.clients].filter(isMatch)
  call.effect(() => {
    for (const client of killed) {
      if (client.session === call.session) client.end()
      else client.socket.destroy()
    }
  })
  if (args.length > 1) return killed.length
  if (killed.length === 0) throw redisError('ERR No such client')
  return OK
}

function killFilter(call: Call, args: Args): (client: Client) => boolean {
  const addressOf = ({ socket }: Client) => `${socket.remoteAddress}:${socket.remotePort}`
  if (args.length === 1) return (client) => addressOf(client) === text(args[0])
  const conditions: ((client: Client) => boolean)[] = []
  let skipsMe = true
  for (let i = 0; i < args.length; i += 2) {
    const value = text(args[i + 1])
    const name = word(args[i])
    if (name === 'ID') conditions.push(({ session }) => String(session.id) === value)
    else if (name === 'ADDR') conditions.push((client) => addressOf(client) === value)
    else if (name === 'SKIPME') skipsMe = value.toLowerCase() === 'yes'
    else if (name !== 'TYPE' && name !== 'USER') throw redisError('ERR syntax error')
  }
  return (client) =>
    conditions.every((holds) => holds(client)) && !(skipsMe && client.session === call.session)
}

function unblock(state: ServerState, call: Call, [id, how]: Args): Reply {
  if (!/^-?\d{1,18}$/.test(text(id))) {
    throw redisError('ERR value is not an integer or out of range')
  }
  const client = [...state.clients].find(({ session }) => String(session.id) === text(id))
  if (client === undefined) return 0
  const error =
    word(how) === 'ERROR' ? redisError('UNBLOCKED client unblocked via CLIENT UNBLOCK') : undefined
  return call.engine.blocked.end(client.session, error) ? 1 : 0
}

function pause(state: ServerState, [time, mode]: Args): Reply {
  const found = /^\d{1,12}$/.exec(text(time))
  if (found === null) throw redisError('ERR timeout is not an integer or out of range')
  const kind = word(mode)
  if (kind !== '' && kind !== 'WRITE' && kind !== 'ALL') throw redisError('ERR syntax error')
  state.pause.begin(Number(found[0]), kind !== 'WRITE')
  return OK
}

function clientReply(client: Client, [mode]: Args): Reply {
  const how = word(mode)
  if (how === 'ON') client.replies = 'on'
  else if (how === 'OFF') client.replies = 'off'
  else if (how === 'SKIP') client.replies = 'skip-next'
  else throw redisError('ERR syntax error')
  return OK
}

function subcommands(state: ServerState): ReadonlyMap<string, Command> {
  const own =
    (run: (client: Client, args: Args) => Reply): Command['run'] =>
    ({ session }, args) =>
      run(state.clientOf(session), args)
  const list: readonly (readonly [string, number, Command['run']])[] = [
    ['id', 2, ({ session }) => session.id],
    ['getname', 2, own(({ name }) => (name === '' ? null : name))],
    [
      'setname',
      3,
      own((client, [name]) => {
        assertName(text(name))
        client.name = text(name)
        return OK
      }),
    ],
    ['setinfo', 4, own(setinfo)],
    [
      'list',
      -2,
      () => `${[...state.clients].map((client) => describe(state, client)).join('\n')}\n`,
    ],
    ['info', 2, own((client) => `${describe(state, client)}\n`)],
    ['kill', -3, (call, args) => kill(state, call, args)],
    ['unblock', -3, (call, args) => unblock(state, call, args)],
    ['reply', 3, own(clientReply)],
    ['pause', -3, (_call, args) => pause(state, args)],
    [
      'unpause',
      2,
      (call) => {
        call.effect(() => state.pause.end())
        return OK
      },
    ],
    ['no-evict', 3, () => OK],
    ['no-touch', 3, () => OK],
    ['getredir', 2, () => -1],
  ]
  return new Map(
    list.map(([name, arity, run]) => [
      name,
      plain(`client|${name}`, arity, run, { flags: ['noscript', 'loading', 'stale'] }),
    ]),
  )
}

/** AUTH, HELLO, CLIENT and what else is about a connection. */
export function clientCommands(state: ServerState): readonly Command[] {
  return [
    plain('auth', -2, auth(state), { flags: [...FAST, 'transaction'] }),
    plain('hello', -1, hello(state), { flags: FAST }),
    plain('reset', 1, reset(state), { flags: [...FAST, 'transaction', 'subscribed'] }),
    plain('quit', -1, quit(state), { flags: [...FAST, 'transaction', 'subscribed'] }),
    plain('client', -2, () => null, { subcommands: subcommands(state) }),
  ]
}
