/** In characters. */
export const USER_AGENT_KEPT = 1000

/** What is stored of a `User-Agent`: its first 1,000 characters; null where there is none. */
export function userAgentKept(userAgent: string): string | null {
  // By whole characters: half of one is no text that can be stored.
  const kept =
    userAgent.length <= USER_AGENT_KEPT ? userAgent : [...userAgent].slice(0, USER_AGENT_KEPT).join('')
  return kept || null
}
