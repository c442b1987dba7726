import type { Clock } from '../platform/clock.ts'
import type { Config } from '../platform/config.ts'
import type { Database } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import type { ServerMetrics } from '../platform/metrics.ts'
import type { RedisConnection } from '../platform/redis.ts'
import { clientCertificateOf } from './client-certificate.ts'
import { RateLimiting } from './rate-limiting.ts'
import { ReadGate } from './read-gate.ts'
import { clientAddress, Requests } from './request-context.ts'

const READS_WAITING = 32

/** What holds for requests of every feature. */
export function httpModule({
  clock,
  config,
  database,
  logger,
  metrics,
  redis,
}: {
  readonly clock: Clock
  readonly config: Pick<Config, 'rateLimits' | 'trustProxy'>
  readonly database: Pick<Database, 'readsAtOnce'>
  readonly logger: Logger
  readonly metrics: Pick<ServerMetrics, 'requestSeconds'>
  readonly redis: RedisConnection | undefined
}) {
  const observe = (method: string, route: string, status: number, seconds: number) =>
    metrics.requestSeconds.observe({ method, route, status }, seconds)
  return {
    requests: new Requests(clock, logger, clientAddress(config.trustProxy), observe),
    /** Undefined: nothing is limited. */
    limits: config.rateLimits && new RateLimiting(config.rateLimits, redis),
    /** What costly reads share. */
    reads: new ReadGate(database.readsAtOnce, READS_WAITING),
    /** Undefined: there is no proxy that could tell of certificates. */
    certificate: config.trustProxy.length > 0 ? clientCertificateOf(config.trustProxy) : undefined,
  }
}
