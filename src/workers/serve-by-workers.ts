import type { Config } from '../platform/config.ts'
import { createLogger } from '../platform/logger.ts'
import { PoolMetrics } from './pool-metrics.ts'
import { WorkerPool } from './worker-pool.ts'

/**
 * The first process of several (`WORKERS`), which serves nothing itself: it has workers do that until it is to stop.
 * @returns what to exit with
 */
export function serveByWorkers(config: Config, stop: AbortSignal): Promise<number> {
  const { drainDelaySeconds, logLevel, publicUrl, workers } = config
  const logger = createLogger(logLevel)
  const pool = new WorkerPool(workers, logger, new PoolMetrics(), drainDelaySeconds * 1000)
  return pool.run(stop, () =>
    logger.info({ url: publicUrl, database: 'postgresql', workers }, 'Sentinel Pass is ready'),
  )
}
