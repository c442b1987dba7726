import type { Config } from '../platform/config.ts'
import type { Database } from '../platform/database.ts'
import type { RedisConnection } from '../platform/redis.ts'
import { clientCertificate } from './client-certificate.ts'
import { RateLimiting } from './rate-limiting.ts'
import { ReadGate } from './read-gate.ts'

/** Each takes two connections at most: with PostgreSQL, of ten; the embedded database has one. */
const READS_AT_ONCE = { postgresql: 3, pglite: 1 }
const READS_WAITING = 32

/** What holds for requests of every feature. */
export function httpModule({
  config,
  database,
  redis,
}: {
  readonly config: Pick<Config, 'rateLimits' | 'trustProxy'>
  readonly database: Pick<Database, 'kind'>
  readonly redis: RedisConnection | undefined
}) {
  return {
    /** Undefined: nothing is limited. */
    limits: config.rateLimits && new RateLimiting(config.rateLimits, redis),
    /** What costly reads share. */
    reads: new ReadGate(READS_AT_ONCE[database.kind], READS_WAITING),
    /** Undefined: there is no proxy that could tell of certificates. */
    certificate: config.trustProxy.length > 0 ? clientCertificate(config.trustProxy) : undefined,
  }
}
