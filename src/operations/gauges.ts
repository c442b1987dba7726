import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database.ts'
import type { ServerMetrics } from '../platform/metrics.ts'
import type { SlowHash } from '../platform/slow-hash.ts'
import type { Partitions } from '../record/partitions.ts'
import type { Recorder } from '../record/recorder.ts'
import type { SigningKeyStore } from '../signing-keys/signing-key.store.ts'

/** The parts of the server whose state is read when the metrics are. */
export interface Gauged {
  readonly database: Pick<Database, 'pool'>
  readonly recorder: Pick<Recorder, 'waiting'>
  readonly partitions: Pick<Partitions, 'counts'>
  readonly signingKeys: Pick<SigningKeyStore, 'list'>
  readonly slowHash: Pick<SlowHash, 'running'>
  readonly clock: Clock
}

/** What an operator watches that is a state rather than an event; `docs/operate.md` says what to watch it for. */
export function addGauges(metrics: ServerMetrics, parts: Gauged): void {
  const { clock, database, partitions, recorder, signingKeys, slowHash } = parts

  metrics.addGauge(
    'database_connections',
    'Connections of the pool, and requests waiting for one.',
    'state',
    async () => {
      const { totalCount, idleCount, waitingCount } = database.pool
      return { open: totalCount, idle: idleCount, waiting: waitingCount }
    },
  )
  metrics.addGauge(
    'waiting',
    'Work that waits: acts for a commit, argon2id hashes for a thread.',
    'for',
    async () => ({
      commit: recorder.waiting,
      slow_hash: slowHash.running,
    }),
  )
  metrics.addGauge(
    'activity_partitions',
    'Weekly partitions of the activity table, and rows (counted up to 1,000) that none of them had a place for.',
    'count',
    async () => {
      const { weekly, defaultRows } = await partitions.counts()
      return { weekly, default_rows: defaultRows }
    },
    'max',
  )
  metrics.addGauge(
    'signing_key_age_seconds',
    'How long the newest key of each algorithm has been signing; negative: until it does.',
    'alg',
    async () => {
      const ages: Record<string, number> = {}
      for (const { alg, activeFrom, pulledAt } of await signingKeys.list())
        if (!pulledAt) ages[alg] ??= (clock.now() - activeFrom.getTime()) / 1000
      return ages
    },
    'max',
  )
}
