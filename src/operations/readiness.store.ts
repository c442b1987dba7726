import type { Database } from '../platform/database.ts'
import { WriteProbe } from './write-probe.store.ts'

/** What the readiness of the server depends on, each with a check that throws when it is not met. */
export type ReadinessChecks = Readonly<Record<string, () => Promise<void>>>

/**
 * What has to answer: the database, which has to take what is written, and in it what says which tokens have ended; no migration may wait. Redis is not asked:
 * without it limits are counted in memory, and a node that grants is ready. One that is to stop is not.
 */
export function readinessChecks(database: Database, stopping: AbortSignal): ReadinessChecks {
  const probe = new WriteProbe(database)
  return {
    running: async () => stopping.throwIfAborted(),
    database: async () => {
      await database.query('select 1')
      await probe.assertWritable()
    },
    token_store: async () => {
      await database.query('select 1 from ended_tokens limit 1')
    },
    migrations: async () => {
      const pending = await database.pendingMigrations()
      if (pending.length > 0) throw new Error(`waiting: ${pending.join(', ')}`)
    },
  }
}
