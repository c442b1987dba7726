import type { AuditFilter } from '../api/audit.ts'
import { isInstant, isPage, texts } from '../shared/search.ts'

/** What of an audit page is in its address. */
export interface AuditSearch extends AuditFilter {
  readonly page?: number | undefined
}

/** Reads it; what is no value of a filter is as if it were not there. */
export function parseAuditSearch(search: Record<string, unknown>): AuditSearch {
  const { start_date: start, end_date: end } = search
  return {
    ...texts(search, ['action', 'actor', 'target']),
    ...(isInstant(start) ? { start_date: start } : {}),
    ...(isInstant(end) ? { end_date: end } : {}),
    ...(isPage(search.page) ? { page: search.page } : {}),
  }
}
