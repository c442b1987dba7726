import { useRef } from 'react'

/**
 * A key for each content that is sent: the same for each try of it, so that a lost answer makes nothing twice, and
 * another one when the content was changed.
 */
export function useIdempotencyKey(): (content: object) => string {
  const last = useRef<{ readonly content: string; readonly key: string }>(null)
  return content => {
    const text = JSON.stringify(content)
    if (last.current?.content !== text) last.current = { content: text, key: crypto.randomUUID() }
    return last.current.key
  }
}
