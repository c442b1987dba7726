import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import type { ServerMetrics } from '../platform/metrics.ts'
import { NodeLease } from './node-lease.ts'
import { Partitions } from './partitions.ts'
import { RecordBatch } from './record-batch.ts'
import { Recorder } from './recorder.ts'
import { RefusalWindowStore } from './refusal-window.store.ts'
import { TotalsWriter } from './totals-writer.ts'

/** What writes the record. `totals` is to be started, and both `recorder` and it to be ended before the lease is. */
export function recordModule({
  clock,
  database,
  logger,
  metrics,
}: {
  readonly clock: Clock
  readonly database: Database
  readonly logger: Logger
  readonly metrics: ServerMetrics
}) {
  const lease = new NodeLease(database)
  const partitions = new Partitions(database, logger, () => metrics.partitionFaults.inc())
  const totals = new TotalsWriter(database, lease, clock, logger)
  const recorder = new Recorder(
    clock,
    new RecordBatch(database),
    lease,
    totals,
    partitions,
    (acts, seconds) => {
      metrics.batchActs.observe(acts)
      metrics.batchSeconds.observe(seconds)
    },
  )
  return { lease, partitions, totals, recorder, refusals: new RefusalWindowStore(database) }
}

export type RecordModule = ReturnType<typeof recordModule>
