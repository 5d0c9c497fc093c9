// "All addresses" is nothing that can be dialled; this machine's loopback is one of them.
const loopbacks: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/** The host that others dial when somebody listens on `host`. */
export function dialableHost(host: string): string {
  return loopbacks[host] ?? host
}
