import { Problem } from '../http/problems.ts'
import type { Clock } from '../platform/clock.ts'
import type { Grain, MetricsQuery } from './activity.schema.ts'
import { countDistinct, endpointHash } from './endpoint-sketch.ts'
import { latencyBucket, percentile } from './latency-buckets.ts'
import type { HourRollup, MetricsScope, MetricsStore, Span } from './metrics.store.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const WEEK_MS = 7 * DAY_MS
// 1970-01-05 was a Monday.
const FIRST_MONDAY_MS = 4 * DAY_MS
const GRAIN_MS: Readonly<Record<Grain, number>> = { hour: HOUR_MS, day: DAY_MS, week: WEEK_MS }
const MAX_PERIODS = 2_000
/** What is shown when no start is given: periods up to the end. */
const DEFAULT_PERIODS: Readonly<Record<Grain, number>> = { hour: 24, day: 30, week: 12 }

/** The six figures of a period. */
export interface Figures {
  readonly total_requests: number
  readonly success_count: number
  readonly error_count: number
  /** Milliseconds, rounded to hundredths. */
  readonly avg_latency_ms: number
  /** Milliseconds, within 1% of exact. */
  readonly p95_latency_ms: number
  /** Exact to 1,000, within 2% beyond. */
  readonly unique_endpoints: number
}

export interface Metrics {
  readonly data: readonly (Figures & { readonly period_start: string })[]
  readonly start_date: string
  readonly end_date: string
  readonly group_by: Grain
  readonly summary: Figures
}

/** Gathers what one period, or all of them, consist of. */
class Accumulator {
  requests = 0
  successes = 0
  durationMs = 0
  readonly latencies = new Map<number, number>()
  readonly endpoints = new Set<bigint>()

  addRollup({ requests, successes, durationMs, lowestBucket, latency }: HourRollup): void {
    this.requests += requests
    this.successes += successes
    this.durationMs += durationMs
    for (const [offset, count] of latency.entries())
      if (count > 0) this.addLatency(lowestBucket + offset, count)
  }

  addLatency(bucket: number, requests: number): void {
    this.latencies.set(bucket, (this.latencies.get(bucket) ?? 0) + requests)
  }

  figures(): Figures {
    return {
      total_requests: this.requests,
      success_count: this.successes,
      error_count: this.requests - this.successes,
      avg_latency_ms: this.requests === 0 ? 0 : roundToHundredths(this.durationMs / this.requests),
      p95_latency_ms: roundToHundredths(percentile(this.latencies, 0.95)),
      unique_endpoints: countDistinct(this.endpoints),
    }
  }
}

/** Usage metrics, read from the rollups; only the partial hours at the edges of a range come from the rows. */
export class MetricsService {
  readonly #store: MetricsStore
  readonly #clock: Clock

  constructor(store: MetricsStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** @throws Problem `validation_failed` for a range of more than 2,000 periods */
  async metrics(query: MetricsQuery): Promise<Metrics> {
    const { group_by: groupBy } = query
    // Up to the end of the current hour: then a query without a range is answered from rollups alone.
    const end = query.end_date ?? new Date(periodStart(this.#clock.now(), 'hour', 1))
    const start =
      query.start_date ?? new Date(periodStart(end.getTime() - 1, groupBy, 1 - DEFAULT_PERIODS[groupBy]))
    if (start >= end)
      throw rangeFault('must lie before end_date, which is the end of this hour when it is not given')
    const periods = new Map<number, Accumulator>()
    const first = periodStart(start.getTime(), groupBy)
    if ((end.getTime() - first) / GRAIN_MS[groupBy] > MAX_PERIODS)
      throw rangeFault(
        `makes more than ${MAX_PERIODS} periods of a ${groupBy}; narrow the range or group by longer periods`,
      )
    for (let at = first; at < end.getTime(); at += GRAIN_MS[groupBy]) periods.set(at, new Accumulator())

    const scope = { agentUserId: query.agent_user_id, activityType: query.activity_type }
    const all = new Accumulator()
    await this.#gather(scope, { start, end }, groupBy, periods, all)
    return {
      data: [...periods].map(([at, period]) => ({
        period_start: new Date(at).toISOString(),
        ...period.figures(),
      })),
      start_date: start.toISOString(),
      end_date: end.toISOString(),
      group_by: groupBy,
      summary: all.figures(),
    }
  }

  async #gather(
    scope: MetricsScope,
    range: Span,
    groupBy: Grain,
    periods: ReadonlyMap<number, Accumulator>,
    all: Accumulator,
  ): Promise<void> {
    const targets = (at: number): Accumulator[] => {
      const period = periods.get(at)
      return period ? [period, all] : [all]
    }
    const hours = wholeUnits(range, HOUR_MS)
    if (hours.whole) {
      for (const rollup of await this.#store.hours(scope, hours.whole))
        for (const target of targets(periodStart(rollup.hour, groupBy))) target.addRollup(rollup)
      await this.#gatherEndpoints(scope, hours.whole, groupBy, targets)
    }
    for (const edge of hours.edges)
      for (const row of await this.#store.rows(scope, edge))
        for (const target of targets(periodStart(row.startedAt.getTime(), groupBy))) {
          target.requests += row.attempts
          target.successes += row.success ? row.attempts : 0
          target.durationMs += row.durationMs * row.attempts
          target.addLatency(latencyBucket(row.durationMs), row.attempts)
          target.endpoints.add(endpointHash(row.endpoint))
        }
  }

  // Whole days from the sketches of days, so that a month costs thirty of them; the hours around from those of hours.
  async #gatherEndpoints(
    scope: MetricsScope,
    hours: Span,
    groupBy: Grain,
    targets: (at: number) => Accumulator[],
  ): Promise<void> {
    const days = groupBy === 'hour' ? { whole: undefined, edges: [hours] } : wholeUnits(hours, DAY_MS)
    const found = await Promise.all([
      days.whole ? this.#store.endpoints(scope, 'day', days.whole, groupBy) : [],
      ...days.edges.map(edge => this.#store.endpoints(scope, 'hour', edge, groupBy)),
    ])
    for (const { periodStart: at, hash } of found.flat())
      for (const target of targets(at)) target.endpoints.add(hash)
  }
}

/** The part of a span that consists of whole units, and what is left at its edges. */
function wholeUnits(
  span: Span,
  unit: number,
): { readonly whole: Span | undefined; readonly edges: readonly Span[] } {
  const from = Math.ceil(span.start.getTime() / unit) * unit
  const to = Math.floor(span.end.getTime() / unit) * unit
  if (from >= to) return { whole: undefined, edges: [span] }
  const whole = { start: new Date(from), end: new Date(to) }
  const edges = [
    { start: span.start, end: whole.start },
    { start: whole.end, end: span.end },
  ].filter(edge => edge.start < edge.end)
  return { whole, edges }
}

/** Start of the period (UTC; a week begins on Monday) that a time is in, or of one some periods away from it. */
function periodStart(at: number, groupBy: Grain, periodsAway = 0): number {
  const unit = GRAIN_MS[groupBy]
  const origin = groupBy === 'week' ? FIRST_MONDAY_MS : 0
  return origin + (Math.floor((at - origin) / unit) + periodsAway) * unit
}

function roundToHundredths(value: number): number {
  return Math.round(value * 100) / 100
}

function rangeFault(detail: string): Problem {
  return new Problem('validation_failed', `start_date ${detail}.`, [{ parameter: 'start_date', detail }])
}
