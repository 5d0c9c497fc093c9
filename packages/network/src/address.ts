import { networkError } from './network-errors.ts'

/** A TCP address. */
export interface TcpAddress {
  /** Name or number of the machine; `127.0.0.1`, `::1`, `example.org`. */
  readonly host: string
  /** 0 to 65,535; 0 only to listen: the system then picks a free one. */
  readonly port: number
}

/** A Unix domain socket (on Windows a named pipe), for processes of one machine. */
export interface PathAddress {
  /** File name of the socket. At most 107 bytes (103 on macOS), as the systems have it. */
  readonly path: string
}

/** A WebSocket, as it gets through proxies and web servers that let nothing else pass. */
export interface WebSocketAddress {
  /** `ws://127.0.0.1:8080/datagram`, or `wss://…` to dial. Port 0 to listen takes a free one. */
  readonly url: string
}

/** Where somebody listens. */
export type Address = TcpAddress | PathAddress | WebSocketAddress

/** Whether the address is a Unix domain socket. */
export function isPathAddress(address: Address): address is PathAddress {
  return 'path' in address
}

/** Whether the address is a WebSocket. */
export function isWebSocketAddress(address: Address): address is WebSocketAddress {
  return 'url' in address
}

/** The address as people write it: `127.0.0.1:4000`, `[::1]:4000`, `/run/datagram.sock`, `ws://…`. */
export function formatAddress(address: Address): string {
  if (isPathAddress(address)) return address.path
  if (isWebSocketAddress(address)) return address.url
  const { host, port } = address
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/**
 * Throws unless `address` has the shape of an address: a TypeError where it is not one of the three
 * kinds, `ADDRESS_INVALID` where a value is out of its range. Port 0 is for listening only.
 */
export function assertAddress(
  address: unknown,
  purpose: 'dial' | 'listen',
): asserts address is Address {
  if (typeof address !== 'object' || address === null) throw new TypeError(shapes)
  const { path, host, port, url } = address as Partial<TcpAddress & PathAddress & WebSocketAddress>
  if (url !== undefined && path === undefined && host === undefined && port === undefined) {
    if (typeof url !== 'string') throw new TypeError(shapes)
    return assertUrl(url, purpose)
  }
  if (url !== undefined) throw new TypeError(shapes)
  if (path !== undefined && host === undefined && port === undefined) {
    if (typeof path !== 'string') throw new TypeError(shapes)
    return assertPath(path)
  }
  if (path !== undefined || typeof host !== 'string' || typeof port !== 'number') {
    throw new TypeError(shapes)
  }
  if (host === '') {
    throw networkError(
      'ADDRESS_INVALID',
      'the host is empty; name a machine, 127.0.0.1 for this one',
    )
  }
  const portMin = purpose === 'listen' ? 0 : 1
  if (Number.isInteger(port) && port >= portMin && port <= 65_535) return
  throw networkError('ADDRESS_INVALID', `the port is ${port}; give one from ${portMin} to 65535`, {
    details: { port },
  })
}

// The system has room for so many bytes and a closing zero. Node cuts longer paths without a word, and
// would listen at another one.
const PATH_BYTES_MAX =
  process.platform === 'darwin' ? 103 : process.platform === 'win32' ? 255 : 107

function assertPath(path: string): void {
  const bytes = Buffer.byteLength(path)
  if (bytes >= 1 && bytes <= PATH_BYTES_MAX && !path.includes('\0')) return
  throw networkError(
    'ADDRESS_INVALID',
    `the path of a socket has 1 to ${PATH_BYTES_MAX} bytes and no zero among them, this has ${bytes}; take a shorter one`,
    { details: { path } },
  )
}

function assertUrl(url: string, purpose: 'dial' | 'listen'): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const protocols = purpose === 'listen' ? ['ws:'] : ['ws:', 'wss:']
  if (parsed !== undefined && protocols.includes(parsed.protocol) && parsed.hash === '') return
  const remedy =
    purpose === 'listen'
      ? 'give ws://host:port/path, and let a web server in front of it do the TLS of wss'
      : 'give ws://host:port/path or wss://host/path'
  throw networkError('ADDRESS_INVALID', `${url} is no address of a WebSocket; ${remedy}`, {
    details: { url },
  })
}

const shapes = 'an address is { host, port }, { path } or { url }'
