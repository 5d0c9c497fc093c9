export {
  type RedisServer,
  type RedisServerOptions,
  type RedisSource,
  serveRedis,
} from './redis-server.ts'
export type { RedisServerErrorCode } from './redis-server-errors.ts'
