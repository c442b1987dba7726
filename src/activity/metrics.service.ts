import { Problem } from '../http/problems.ts'
import type { Clock } from '../platform/clock.ts'
import type { Grain, MetricsQuery } from './activity.schema.ts'
import { Accumulator, type Figures } from './figures.ts'
import type { MetricsScope, MetricsStore, Span } from './metrics.store.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const WEEK_MS = 7 * DAY_MS
// 1970-01-05 was a Monday.
const FIRST_MONDAY_MS = 4 * DAY_MS
const GRAIN_MS: Readonly<Record<Grain, number>> = { hour: HOUR_MS, day: DAY_MS, week: WEEK_MS }
const MAX_PERIODS = 2_000
/** So many agents' rollups are read at once: a large project must not hold up the requests of others. */
const AGENTS_AT_ONCE = 10
/** What is shown when no start is given: periods up to the end. */
const DEFAULT_PERIODS: Readonly<Record<Grain, number>> = { hour: 24, day: 30, week: 12 }

export interface Metrics {
  readonly data: readonly (Figures & { readonly period_start: string })[]
  readonly start_date: string
  readonly end_date: string
  readonly group_by: Grain
  readonly summary: Figures
}

/** Usage metrics, read from the rollups; only the partial hours at the edges of a range come from the rows. */
export class MetricsService {
  readonly #store: MetricsStore
  readonly #clock: Clock
  readonly #retentionDays: number
  readonly #addUp: () => Promise<void>

  /** @param addUp brings the rollups up to what this node has recorded */
  constructor(store: MetricsStore, clock: Clock, retentionDays: number, addUp: () => Promise<void>) {
    this.#store = store
    this.#clock = clock
    this.#retentionDays = retentionDays
    this.#addUp = addUp
  }

  /**
   * The figures of some agents taken together, by period and as a whole.
   * @throws Problem `validation_failed` for a range of more than 2,000 periods
   */
  async metrics(agents: readonly string[], query: MetricsQuery): Promise<Metrics> {
    const { group_by: groupBy } = query
    const range = this.#rangeOf(query, groupBy)
    const periods = new Map<number, Accumulator>()
    const first = periodStart(range.start.getTime(), groupBy)
    if ((range.end.getTime() - first) / GRAIN_MS[groupBy] > MAX_PERIODS)
      throw rangeFault(
        `makes more than ${MAX_PERIODS} periods of a ${groupBy}; narrow the range or group by longer periods`,
      )
    for (let at = first; at < range.end.getTime(); at += GRAIN_MS[groupBy]) periods.set(at, new Accumulator())

    const all = new Accumulator()
    await this.#gather({ agents, activityType: query.activity_type }, range, groupBy, ({ at }) => {
      const period = periods.get(periodStart(at, groupBy))
      return period ? [period, all] : [all]
    })
    return {
      data: [...periods].map(([at, period]) => ({
        period_start: new Date(at).toISOString(),
        ...period.figures(),
      })),
      start_date: range.start.toISOString(),
      end_date: range.end.toISOString(),
      group_by: groupBy,
      summary: all.figures(),
    }
  }

  /** The figures of each agent that did something, and the range that they are of. */
  async byAgent(
    agents: readonly string[],
    query: Pick<MetricsQuery, 'start_date' | 'end_date'>,
  ): Promise<{ readonly range: Span; readonly figures: ReadonlyMap<string, Figures> }> {
    const range = this.#rangeOf(query, 'day')
    const found = new Map<string, Accumulator>()
    await this.#gather({ agents, activityType: undefined }, range, 'day', ({ agentUserId }) => {
      const own = found.get(agentUserId) ?? new Accumulator()
      found.set(agentUserId, own)
      return [own]
    })
    return { range, figures: new Map([...found].map(([agent, own]) => [agent, own.figures()])) }
  }

  #rangeOf(query: Pick<MetricsQuery, 'start_date' | 'end_date'>, groupBy: Grain): Span {
    // Up to the end of the current hour: then a query without a range is answered from rollups alone.
    const end = query.end_date ?? new Date(periodStart(this.#clock.now(), 'hour', 1))
    const start =
      query.start_date ?? new Date(periodStart(end.getTime() - 1, groupBy, 1 - DEFAULT_PERIODS[groupBy]))
    if (start >= end)
      throw rangeFault('must lie before end_date, which is the end of this hour when it is not given')
    return this.#widened({ start, end })
  }

  /** A range whose cut hours are whole where their rows may have been dropped: only the rollups know of them. */
  #widened({ start, end }: Span): Span {
    const keptSince = this.#clock.now() - this.#retentionDays * DAY_MS
    const isKept = (from: number) => from >= keptSince
    const lastHour = periodStart(end.getTime(), 'hour')
    return {
      start: isKept(start.getTime()) ? start : new Date(periodStart(start.getTime(), 'hour')),
      end:
        isKept(Math.max(lastHour, start.getTime())) || lastHour === end.getTime()
          ? end
          : new Date(lastHour + HOUR_MS),
    }
  }

  async #gather(
    { agents, activityType }: MetricsScope,
    range: Span,
    groupBy: Grain,
    targets: Targets,
  ): Promise<void> {
    await this.#addUp()
    const hours = wholeUnits(range, HOUR_MS)
    for (let first = 0; first < agents.length; first += AGENTS_AT_ONCE) {
      const scope = { agents: agents.slice(first, first + AGENTS_AT_ONCE), activityType }
      if (hours.whole) {
        for (const rollup of await this.#store.hours(scope, hours.whole))
          for (const target of targets({ agentUserId: rollup.agentUserId, at: rollup.hour }))
            target.addRollup(rollup)
        await this.#gatherEndpoints(scope, hours.whole, groupBy, targets)
      }
      for (const edge of hours.edges)
        for (const row of await this.#store.rows(scope, edge))
          for (const target of targets({ agentUserId: row.agentUserId, at: row.startedAt.getTime() }))
            target.addRow(row)
    }
  }

  // Whole days from the sketches of days, so that a month costs thirty of them; the hours around from those of hours.
  async #gatherEndpoints(scope: MetricsScope, hours: Span, groupBy: Grain, targets: Targets): Promise<void> {
    const days = groupBy === 'hour' ? { whole: undefined, edges: [hours] } : wholeUnits(hours, DAY_MS)
    const found = await Promise.all([
      days.whole ? this.#store.endpoints(scope, 'day', days.whole, groupBy) : [],
      ...days.edges.map(edge => this.#store.endpoints(scope, 'hour', edge, groupBy)),
    ])
    for (const endpoint of found.flat())
      for (const target of targets(endpoint)) target.endpoints.add(endpoint.hash)
  }
}

/** What an agent's activity at a time counts for. */
type Targets = (of: { readonly agentUserId: string; readonly at: number }) => readonly Accumulator[]

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

function rangeFault(detail: string): Problem {
  return new Problem('validation_failed', `start_date ${detail}.`, [{ parameter: 'start_date', detail }])
}
