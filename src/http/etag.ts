import { hash } from 'node:crypto'

const ENTITY_TAGS = /(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"/g

/** A strong entity tag of this text (RFC 9110 section 8.8.3). @param text without quotes */
export function strongETag(text: string): string {
  return `"${text}"`
}

const STATE_ENDS = '~'

/**
 * A strong entity tag of two parts: the state of the thing, which only changes of it change, and all that an answer
 * shows of it, some of which time and use change as well. `If-None-Match` goes by both, `If-Match` by the state.
 * @param state without quotes and `~`
 */
export function shownETag(state: string, shown: unknown): string {
  return strongETag(`${state}${STATE_ENDS}${hash('sha256', JSON.stringify(shown), 'base64url').slice(0, 22)}`)
}

/**
 * Whether `If-Match` lets a change through (RFC 9110 section 13.1.1): none was sent, it is `*`, or one of its tags is
 * the current one. Weak tags never match: two that are only alike may differ in what is changed. Of tags of two parts the
 * state has to be the current one: that a thing was used since it was read is no reason against changing it.
 */
export function ifMatchHolds(header: string, current: string): boolean {
  if (header === '' || header.trim() === '*') return true
  return [...header.matchAll(ENTITY_TAGS)].some(([tag]) => stateOf(tag) === stateOf(current))
}

/** Whether `If-None-Match` says that the reader has the current one already (RFC 9110 section 13.1.2). */
export function ifNoneMatchKnows(header: string, current: string): boolean {
  if (header === '') return false
  if (header.trim() === '*') return true
  return [...header.matchAll(ENTITY_TAGS)].some(([, , tag = '']) => strongETag(tag) === current)
}

/** A tag without what stands for the rest that is shown, its quotes as they are. */
function stateOf(tag: string): string {
  return tag.replace(/~[^"]*/, '')
}
