import type { PassFilter } from '../api/passes.ts'
import { isPage } from '../shared/search.ts'
import {
  ACCESS_LEVEL_LABELS,
  CREDENTIAL_TYPE_LABELS,
  isKeyOf,
  STATUS_LABELS,
  USAGE_TYPE_LABELS,
} from './labels.ts'

/** The orders of the list that are offered, each with the direction that people mean by it. The first is the default. */
export const SORTS = [
  { label: 'Newest first', sort_by: 'createdAt', sort_order: 'desc' },
  { label: 'Changed last', sort_by: 'updatedAt', sort_order: 'desc' },
  { label: 'Used last', sort_by: 'lastUsedAt', sort_order: 'desc' },
  { label: 'Used most', sort_by: 'usageCount', sort_order: 'desc' },
  { label: 'Ending soonest', sort_by: 'validUntil', sort_order: 'asc' },
  { label: 'Name, A to Z', sort_by: 'title', sort_order: 'asc' },
] as const

/** Reads the filter of the list of passes from an address; what is no value of it is as if it were not there. */
export function parsePassSearch(search: Record<string, unknown>): PassFilter {
  const { status, credential_type: type, access_level: level, usage_type: usage, page } = search
  const creator = textOf(search.created_by_pass)
  const text = textOf(search.search)
  const tags = textOf(search.tags)
  const sort = SORTS.find(one => one.sort_by === search.sort_by)
  return {
    ...(text ? { search: text } : {}),
    ...(isKeyOf(STATUS_LABELS, status) ? { status } : {}),
    ...(isKeyOf(CREDENTIAL_TYPE_LABELS, type) ? { credential_type: type } : {}),
    ...(isKeyOf(ACCESS_LEVEL_LABELS, level) ? { access_level: level } : {}),
    ...(isKeyOf(USAGE_TYPE_LABELS, usage) ? { usage_type: usage } : {}),
    ...(creator ? { created_by_pass: creator } : {}),
    ...(tags ? { tags } : {}),
    ...(sort && sort !== SORTS[0] ? { sort_by: sort.sort_by, sort_order: sort.sort_order } : {}),
    ...(isPage(page) ? { page } : {}),
  }
}

/** The router reads `?search=2030` as a number. */
function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
