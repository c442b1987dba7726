import type { RateDecision } from '../platform/rate-limiter.ts'

/**
 * `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers), and `Retry-After` where it is refused.
 * Seconds are rounded up: who waits as long as it says is let in.
 */
export function rateLimitHeaders({ policy, limit, allowed, remaining, resetMs }: RateDecision) {
  const seconds = Math.max(1, Math.ceil(resetMs / 1000))
  return {
    'RateLimit-Policy': `"${policy}";q=${limit.limit};w=${limit.windowSeconds}`,
    RateLimit: `"${policy}";r=${remaining};t=${seconds}`,
    ...(allowed ? {} : { 'Retry-After': String(seconds) }),
  }
}

/** The same of one who has to wait before the next try, the only one until then. @param seconds to wait */
export function waitHeaders(policy: string, seconds: number) {
  const limit = { limit: 1, windowSeconds: seconds }
  return rateLimitHeaders({ policy, limit, allowed: false, remaining: 0, resetMs: seconds * 1000 })
}
