import type { MountApi } from '../access/authorize.ts'
import type { ReadGate } from '../http/read-gate.ts'
import type { Clock } from '../platform/clock.ts'
import type { Config } from '../platform/config.ts'
import type { Database } from '../platform/database.ts'
import type { RecordModule } from '../record/record.module.ts'
import { activityRoutes } from './activity.routes.ts'
import { ActivityService } from './activity.service.ts'
import { ActivityStore } from './activity.store.ts'
import { MetricsService } from './metrics.service.ts'
import { MetricsStore } from './metrics.store.ts'

/** Reads the record: log, export, metrics. */
export function activityModule(parts: {
  readonly clock: Clock
  readonly config: Pick<Config, 'retentionDays'>
  readonly database: Database
  readonly reads: ReadGate
  readonly record: Pick<RecordModule, 'totals'>
}) {
  const { clock, database, reads, record } = parts
  const { retentionDays } = parts.config
  const activity = new ActivityService(new ActivityStore(database), clock, retentionDays)
  const metrics = new MetricsService(new MetricsStore(database), clock, retentionDays, () =>
    record.totals.flush(),
  )
  const mount: MountApi = (api, authorize) => activityRoutes(api, authorize, activity, metrics, reads, clock)
  return { mount }
}
