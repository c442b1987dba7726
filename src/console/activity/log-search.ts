import type { ActivityType } from '../../record/kinds.ts'
import type { LogFilter } from '../api/activity.ts'
import { isInstant, isPage, texts } from '../shared/search.ts'
import { type Range, rangeOf } from './ranges.ts'

const TYPES: Readonly<Record<ActivityType, true>> = { token_generation: true, api_request: true, error: true }

/** How many rows of the log a page can have. */
export const PER_PAGE = [10, 25, 50, 100] as const

/** What of an activity page is in its address: the range of the metrics, and the filter and page of the log. */
export interface LogSearch extends LogFilter {
  readonly range?: Range | undefined
  readonly page?: number | undefined
  readonly per_page?: (typeof PER_PAGE)[number] | undefined
}

/** Reads it; what is not a value of a filter is as if it were not there. */
export function parseLogSearch(search: Record<string, unknown>): LogSearch {
  const { activity_type: type, success, start_date: start, end_date: end } = search
  const perPage = PER_PAGE.find(size => size === search.per_page)
  const range = rangeOf(search.range)
  return {
    ...(range ? { range } : {}),
    ...(isActivityType(type) ? { activity_type: type } : {}),
    ...(typeof success === 'boolean' ? { success } : {}),
    ...texts(search, ['endpoint', 'status_code', 'http_method', 'client_ip', 'pass_id']),
    ...(isInstant(start) ? { start_date: start } : {}),
    ...(isInstant(end) ? { end_date: end } : {}),
    ...(isPage(search.page) ? { page: search.page } : {}),
    ...(perPage ? { per_page: perPage } : {}),
  }
}

function isActivityType(value: unknown): value is ActivityType {
  return typeof value === 'string' && Object.hasOwn(TYPES, value)
}
