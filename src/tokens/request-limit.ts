import { type RateLimiting, whyLimited } from '../http/rate-limiting.ts'
import type { RateDecision } from '../platform/rate-limiter.ts'
import type { Exchange } from './exchange.ts'
import { oauthError } from './oidc-internals.ts'

/**
 * Counts a request of a pass that has just proved itself against the pass's limit. A request counts once, however often
 * it runs. Where there are no limits, nothing is counted and everything is allowed.
 */
export async function isWithinLimit(limits: RateLimiting | undefined, exchange: Exchange): Promise<boolean> {
  const { client, request } = exchange
  if (!limits || !client) return true
  request.rate ??= request.grants
    ? await limits.takeGrant(client.passId, client.accessLevel)
    : await limits.takeCall(client.passId, client.accessLevel)
  return request.rate.allowed
}

/** The refusal of a request beyond the limit; RFC 6749 has no error for it, RFC 8628 section 3.5 has this one. */
export function limitExceeded(decision: RateDecision) {
  return oauthError(429, 'slow_down', whyLimited(decision))
}
