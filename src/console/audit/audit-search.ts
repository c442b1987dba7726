import { isPage } from '../shared/page-number.ts'

/** What of an audit page is in its address. */
export interface AuditSearch {
  readonly page?: number | undefined
}

/** Reads it; what is no page is as if it were not there. */
export function parseAuditSearch(search: Record<string, unknown>): AuditSearch {
  return isPage(search.page) ? { page: search.page } : {}
}
