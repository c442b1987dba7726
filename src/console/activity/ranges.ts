import type { MetricsRange } from '../api/activity.ts'
import type { Range } from '../shared/log-search.ts'

/** The ranges that usage is shown for, each with its resolution. */
export const RANGES: Readonly<Record<Range, MetricsRange & { readonly label: string }>> = {
  '24h': { label: '24 hours', periods: 24, groupBy: 'hour' },
  '7d': { label: '7 days', periods: 7, groupBy: 'day' },
  '30d': { label: '30 days', periods: 30, groupBy: 'day' },
}

export const DEFAULT_RANGE: Range = '24h'
