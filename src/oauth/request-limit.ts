import type { RateLimiting } from '../http/rate-limiting.ts'
import type { Exchange } from './exchange.ts'

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
