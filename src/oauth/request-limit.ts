import { type RateLimiting, whyLimited } from '../http/rate-limiting.ts'
import type { Exchange } from './exchange.ts'
import { oauthError } from './library/oidc-internals.ts'

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

/** @throws the refusal of a request beyond the limit; RFC 6749 has no error for it, RFC 8628 section 3.5 has this one */
export async function assertWithinLimit(limits: RateLimiting | undefined, exchange: Exchange): Promise<void> {
  if ((await isWithinLimit(limits, exchange)) || !exchange.request.rate) return
  throw oauthError(429, 'slow_down', whyLimited(exchange.request.rate))
}
