import { type Database, instantOf } from '../platform/database.ts'
import type { ActivityType } from '../record/kinds.ts'

/** An agent's activity of one type in one hour, as one node recorded it. */
export interface HourRollup {
  readonly agentUserId: string
  /** Its start, in milliseconds since the epoch. */
  readonly hour: number
  readonly requests: number
  readonly successes: number
  readonly durationMs: number
  readonly lowestBucket: number
  /** Requests by latency bucket, from the lowest one. */
  readonly latency: readonly number[]
}

/** A half-open span of time. */
export interface Span {
  readonly start: Date
  readonly end: Date
}

/** Which activity: that of some agents, of all types or of one. */
export interface MetricsScope {
  readonly agents: readonly string[]
  readonly activityType: ActivityType | undefined
}

/** One row as the metrics need it. */
export interface MeasuredRow {
  readonly agentUserId: string
  readonly startedAt: Date
  readonly success: boolean
  readonly durationMs: number
  readonly endpoint: string
  /** Attempts that the row stands for. */
  readonly attempts: number
}

/** A distinct endpoint of an agent and period. */
export interface FoundEndpoint {
  readonly agentUserId: string
  /** The start of the period, in milliseconds since the epoch. */
  readonly at: number
  readonly hash: bigint
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

  /** The rollups of whole hours. Their buckets come as they are stored: as rows they would cost many times as much. */
  async hours(scope: MetricsScope, span: Span): Promise<HourRollup[]> {
    const rows = await this.#database.read<
      Omit<HourRollup, 'hour' | 'latency'> & { hour: string; latency: string }
    >(
      `select agent_user_id as "agentUserId", hour, requests::float8 as requests, successes::float8 as successes,
         duration_ms::float8 as "durationMs", array_lower(latency, 1) as "lowestBucket",
         array_to_string(latency, ',', '0') as latency
       from activity_rollups where ${WITHIN} and hour >= $3::timestamptz and hour < $4::timestamptz`,
      scopeParameters(scope, span),
    )
    return rows.map(row => ({
      ...row,
      hour: instantOf(row.hour).getTime(),
      latency: row.latency.split(',').map(Number),
    }))
  }

  /** Endpoint hashes of whole hours or whole days, by period; one may come several times. */
  async endpoints(
    scope: MetricsScope,
    grain: 'hour' | 'day',
    span: Span,
    groupBy: keyof typeof PERIOD,
  ): Promise<FoundEndpoint[]> {
    // A period as one row: as a row each, the hashes would cost many times as much.
    const rows = await this.#database.read<{ agentUserId: string; period: string; hashes: string }>(
      `select agent_user_id as "agentUserId", ${period(groupBy, 'period_start')} as period,
         string_agg(hash::text, ',') as hashes
       from activity_endpoints
       where ${WITHIN} and grain = $5 and period_start >= $3::timestamptz and period_start < $4::timestamptz
       group by 1, 2`,
      [...scopeParameters(scope, span), grain],
    )
    return rows.flatMap(({ agentUserId, period: start, hashes }) => {
      const at = instantOf(start).getTime()
      return hashes.split(',').map(hash => ({ agentUserId, at, hash: BigInt(hash) }))
    })
  }

  /** The rows of a part of an hour. */
  async rows(scope: MetricsScope, span: Span): Promise<MeasuredRow[]> {
    const rows = await this.#database.read<Omit<MeasuredRow, 'startedAt'> & { startedAt: string }>(
      `select agent_user_id as "agentUserId", started_at as "startedAt", success, duration_ms as "durationMs", endpoint,
         coalesce((metadata->>'attempts')::int, 1) as attempts
       from activity
       where ${WITHIN} and started_at >= $3::timestamptz and started_at < $4::timestamptz`,
      scopeParameters(scope, span),
    )
    return rows.map(row => ({ ...row, startedAt: instantOf(row.startedAt) }))
  }
}

const WITHIN = 'agent_user_id = any($1::uuid[]) and ($2::text is null or activity_type = $2)'

function scopeParameters(scope: MetricsScope, span: Span): unknown[] {
  return [scope.agents, scope.activityType ?? null, span.start.toISOString(), span.end.toISOString()]
}

function period(groupBy: keyof typeof PERIOD, column: string): string {
  return PERIOD[groupBy].replace('PERIOD_COLUMN', column)
}
