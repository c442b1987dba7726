import type Router from '@koa/router'
import type { RequestState } from '../http/context.ts'
import type { Clock } from '../platform/clock.ts'
import type { Config } from '../platform/config.ts'
import type { Database } from '../platform/database.ts'
import type { ServerMetrics } from '../platform/metrics.ts'
import type { SlowHash } from '../platform/slow-hash.ts'
import type { RecordModule } from '../record/record.module.ts'
import type { SigningKeysModule } from '../signing-keys/signing-keys.module.ts'
import { addGauges } from './gauges.ts'
import { healthRoutes, metricsRoutes } from './operations.routes.ts'
import { readinessChecks } from './readiness.store.ts'

/** What operators watch: health, readiness and metrics. */
export function operationsModule(parts: {
  readonly clock: Clock
  readonly config: Pick<Config, 'metricsPort' | 'metricsToken'>
  readonly database: Database
  readonly metrics: ServerMetrics
  readonly record: Pick<RecordModule, 'partitions' | 'recorder'>
  readonly signingKeys: Pick<SigningKeysModule, 'store'>
  readonly slowHash: SlowHash
}) {
  const { clock, config, database, metrics, record, signingKeys, slowHash } = parts
  const { partitions, recorder } = record
  const stopping = new AbortController()
  addGauges(metrics, { database, recorder, partitions, signingKeys: signingKeys.store, slowHash, clock })
  return {
    /** On the port of everything else; the metrics, where they have no port of their own, for `METRICS_TOKEN`. */
    mount(router: Router<RequestState>): void {
      healthRoutes(router, readinessChecks(database, stopping.signal))
      if (config.metricsPort === undefined)
        metricsRoutes(router, metrics, { open: false, token: config.metricsToken })
    },
    /** On `METRICS_PORT`: the metrics and the health of the process, openly. */
    mountApart(router: Router<RequestState>): void {
      metricsRoutes(router, metrics, { open: true })
      healthRoutes(router, readinessChecks(database, stopping.signal))
    },
    /** The server is to stop: it is not ready any more, and serves on for a while. */
    endReadiness(): void {
      stopping.abort()
    },
  }
}
