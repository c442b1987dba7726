import type { MetricsRange } from '../api/activity.ts'

/** The ranges that usage is shown for, each with its resolution. */
export const RANGES = {
  '24h': { label: '24 hours', periods: 24, groupBy: 'hour' },
  '7d': { label: '7 days', periods: 7, groupBy: 'day' },
  '30d': { label: '30 days', periods: 30, groupBy: 'day' },
} as const satisfies Readonly<Record<string, MetricsRange & { readonly label: string }>>

export type Range = keyof typeof RANGES

export const DEFAULT_RANGE: Range = '24h'

/** The range of that name. */
export function rangeOf(name: unknown): Range | undefined {
  return isRange(name) ? name : undefined
}

function isRange(name: unknown): name is Range {
  return typeof name === 'string' && Object.hasOwn(RANGES, name)
}
