import { type Database, instantOf } from '../platform/database.ts'
import type { ActivityType } from './kinds.ts'

/** Sums of an agent's activity in one period. */
export interface RollupSums {
  /** Start of the hour, or of the partial hour's period, in milliseconds since the epoch. */
  readonly periodStart: number
  readonly requests: number
  readonly successes: number
  readonly durationMs: number
}

/** A half-open span of time. */
export interface Span {
  readonly start: Date
  readonly end: Date
}

/** Which activity: an agent's, of all types or of one. */
export interface MetricsScope {
  readonly agentUserId: string
  readonly activityType: ActivityType | undefined
}

/** One row as the metrics need it. */
export interface MeasuredRow {
  readonly startedAt: Date
  readonly success: boolean
  readonly durationMs: number
  readonly endpoint: string
  /** Attempts that the row stands for. */
  readonly attempts: number
}

// Periods are cut in UTC; a week begins on Monday.
const PERIOD = {
  hour: `date_trunc('hour', PERIOD_COLUMN, 'UTC')`,
  day: `date_trunc('day', PERIOD_COLUMN, 'UTC')`,
  week: `date_trunc('week', PERIOD_COLUMN, 'UTC')`,
} as const

/** Reads the rollups, and the rows of hours that a range covers only in part. */
export class MetricsStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Sums of whole hours, by period. */
  async sums(scope: MetricsScope, span: Span, groupBy: keyof typeof PERIOD): Promise<RollupSums[]> {
    const rows = await this.#database.query<Omit<RollupSums, 'periodStart'> & { period: string }>(
      `select ${period(groupBy, 'hour')} as period, sum(requests)::float8 as requests,
         sum(successes)::float8 as successes, sum(duration_ms)::float8 as "durationMs"
       from activity_rollups where ${WITHIN} and hour >= $3::timestamptz and hour < $4::timestamptz group by 1`,
      scopeParameters(scope, span),
    )
    return rows.map(({ period: start, ...sums }) => ({ ...sums, periodStart: instantOf(start).getTime() }))
  }

  /** Requests by latency bucket of whole hours, by period. */
  async latencies(
    scope: MetricsScope,
    span: Span,
    groupBy: keyof typeof PERIOD,
  ): Promise<{ periodStart: number; bucket: number; requests: number }[]> {
    const rows = await this.#database.query<{ period: string; bucket: number; requests: number }>(
      `select ${period(groupBy, 'hour')} as period, bucket, sum(latency[bucket])::float8 as requests
       from activity_rollups, generate_subscripts(latency, 1) as bucket
       where ${WITHIN} and hour >= $3::timestamptz and hour < $4::timestamptz and latency[bucket] > 0
       group by 1, 2`,
      scopeParameters(scope, span),
    )
    return rows.map(row => ({
      periodStart: instantOf(row.period).getTime(),
      bucket: row.bucket,
      requests: row.requests,
    }))
  }

  /** Distinct endpoint hashes of whole hours or whole days, by period. */
  async endpoints(
    scope: MetricsScope,
    grain: 'hour' | 'day',
    span: Span,
    groupBy: keyof typeof PERIOD,
  ): Promise<{ periodStart: number; hash: bigint }[]> {
    const rows = await this.#database.query<{ period: string; hash: string }>(
      `select distinct ${period(groupBy, 'period_start')} as period, hash::text as hash
       from activity_endpoints
       where ${WITHIN} and grain = $5 and period_start >= $3::timestamptz and period_start < $4::timestamptz`,
      [...scopeParameters(scope, span), grain],
    )
    return rows.map(row => ({ periodStart: instantOf(row.period).getTime(), hash: BigInt(row.hash) }))
  }

  /** The rows of a part of an hour. */
  async rows(scope: MetricsScope, span: Span): Promise<MeasuredRow[]> {
    const rows = await this.#database.query<Omit<MeasuredRow, 'startedAt'> & { startedAt: string }>(
      `select started_at as "startedAt", success, duration_ms as "durationMs", endpoint,
         coalesce((metadata->>'attempts')::int, 1) as attempts
       from activity
       where ${WITHIN} and started_at >= $3::timestamptz and started_at < $4::timestamptz`,
      scopeParameters(scope, span),
    )
    return rows.map(row => ({ ...row, startedAt: instantOf(row.startedAt) }))
  }
}

const WITHIN = 'agent_user_id = $1 and ($2::text is null or activity_type = $2)'

function scopeParameters(scope: MetricsScope, span: Span): unknown[] {
  return [scope.agentUserId, scope.activityType ?? null, span.start.toISOString(), span.end.toISOString()]
}

function period(groupBy: keyof typeof PERIOD, column: string): string {
  return PERIOD[groupBy].replace('PERIOD_COLUMN', column)
}
