import { once } from 'node:events'
import http from 'node:http'
import type net from 'node:net'
import { RedisStore } from 'connect-redis'
import session from 'express-session'
import type { RedisClient } from './redis-client.ts'

declare module 'express-session' {
  interface SessionData {
    visits: number
  }
}

type Handler = ReturnType<typeof session>
type Request = Parameters<Handler>[0]
type Response = Parameters<Handler>[1]

/** A web server that knows its visitors again: nothing here knows of Datagram. */
export async function startWebServer(client: RedisClient): Promise<http.Server> {
  const sessions = session({
    store: new RedisStore({ client }),
    secret: 'only an example',
    resave: false,
    saveUninitialized: false,
  })
  const server = http.createServer((request, response) => {
    // The middleware is written for Express and content with what Node gives.
    const visit = request as Request
    sessions(visit, response as Response, (error?: unknown) => {
      if (error !== undefined) response.writeHead(500).end()
      else {
        visit.session.visits = (visit.session.visits ?? 0) + 1
        response.end(`visit ${visit.session.visits}`)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** Where the server is reached. */
export function urlOf(server: http.Server): string {
  return `http://127.0.0.1:${(server.address() as net.AddressInfo).port}/`
}
