const ENTITY_TAGS = /(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"/g

/** A strong entity tag of this text (RFC 9110 section 8.8.3). @param text without quotes */
export function strongETag(text: string): string {
  return `"${text}"`
}

/**
 * Whether `If-Match` lets a change through (RFC 9110 section 13.1.1): none was sent, it is `*`, or one of its tags is
 * the current one. Weak tags never match: two that are only alike may differ in what is changed.
 */
export function ifMatchHolds(header: string, current: string): boolean {
  if (header === '' || header.trim() === '*') return true
  return [...header.matchAll(ENTITY_TAGS)].some(([tag]) => tag === current)
}

/** Whether `If-None-Match` says that the reader has the current one already (RFC 9110 section 13.1.2). */
export function ifNoneMatchKnows(header: string, current: string): boolean {
  if (header === '') return false
  if (header.trim() === '*') return true
  return [...header.matchAll(ENTITY_TAGS)].some(([, , tag = '']) => strongETag(tag) === current)
}
