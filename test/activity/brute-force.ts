import type { StoredActivity } from './support.ts'

const HOUR = 3_600_000
const LENGTH = { hour: HOUR, day: 24 * HOUR, week: 168 * HOUR } as const
/** Monday, 1970-01-05. */
const A_MONDAY = 96 * HOUR

export type Grain = keyof typeof LENGTH

/** The start of the period that an instant is in; both in milliseconds since the epoch. */
export function startOf(at: number, grain: Grain): number {
  const origin = grain === 'week' ? A_MONDAY : 0
  return origin + Math.floor((at - origin) / LENGTH[grain]) * LENGTH[grain]
}

/** The six figures of some rows, computed from each of them; `p95_latency_ms` is exact. */
export function figuresOf(rows: readonly StoredActivity[]) {
  const latencies = rows.map(row => row.durationMs).sort((a, b) => a - b)
  const sum = latencies.reduce((total, latency) => total + latency, 0)
  const successes = rows.filter(row => row.success).length
  return {
    total_requests: rows.length,
    success_count: successes,
    error_count: rows.length - successes,
    avg_latency_ms: rows.length === 0 ? 0 : Math.round((sum / rows.length) * 100) / 100,
    p95_latency_ms: latencies[Math.ceil((latencies.length * 19) / 20) - 1] ?? 0,
    unique_endpoints: new Set(rows.map(row => row.endpoint)).size,
  }
}

/** What the metrics of a range should be, from nothing but the rows. */
export function metricsOf(rows: readonly StoredActivity[], start: string, end: string, grain: Grain) {
  const [from, to] = [Date.parse(start), Date.parse(end)]
  const within = rows.filter(row => row.startedAt >= from && row.startedAt < to)
  const data = []
  for (let at = startOf(from, grain); at < to; at += LENGTH[grain])
    data.push({
      period_start: new Date(at).toISOString(),
      ...figuresOf(within.filter(row => startOf(row.startedAt, grain) === at)),
    })
  return { data, summary: figuresOf(within) }
}

type Figures = ReturnType<typeof figuresOf>

/** Expects figures to be those of the rows: all of them exact, the percentile within 1% (and its rounding). */
export function expectFigures(actual: Figures, expected: Figures): void {
  expect({ ...actual, p95_latency_ms: 0 }).toEqual({ ...expected, p95_latency_ms: 0 })
  const off = Math.abs(actual.p95_latency_ms - expected.p95_latency_ms)
  expect(off).toBeLessThanOrEqual(expected.p95_latency_ms * 0.01 + 0.005)
}

/** Expects the answer of the metrics endpoint to be what the rows say, period by period. */
export function expectMetrics(
  body: { data: (Figures & { period_start: string })[]; summary: Figures },
  expected: ReturnType<typeof metricsOf>,
): void {
  expect(body.data.map(period => period.period_start)).toEqual(
    expected.data.map(period => period.period_start),
  )
  for (const [index, period] of expected.data.entries()) {
    const actual = body.data[index]
    if (actual) expectFigures(actual, period)
  }
  expectFigures(body.summary, expected.summary)
}
