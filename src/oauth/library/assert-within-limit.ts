import { type RateLimiting, whyLimited } from '../../http/rate-limiting.ts'
import type { Exchange } from '../exchange.ts'
import { isWithinLimit } from '../request-limit.ts'
import { oauthError } from './oidc-internals.ts'

/** @throws the refusal of a request beyond the limit; RFC 6749 has no error for it, RFC 8628 section 3.5 has this one */
export async function assertWithinLimit(limits: RateLimiting | undefined, exchange: Exchange): Promise<void> {
  if ((await isWithinLimit(limits, exchange)) || !exchange.request.rate) return
  throw oauthError(429, 'slow_down', whyLimited(exchange.request.rate))
}
