import ipaddr from 'ipaddr.js'
import type { Middleware } from 'koa'
import type { AccessLevel } from '../platform/config.ts'
import { type RateDecision, RateLimiter } from '../platform/rate-limiter.ts'
import type { RateLimits, RateLimitsByLevel } from '../platform/rate-limits.ts'
import type { RedisConnection } from '../platform/redis.ts'
import type { Context, RequestState } from './context.ts'
import { toProblem } from './error-handler.ts'
import { Problem } from './problems.ts'
import { rateLimitHeaders } from './rate-limit-headers.ts'

/** A network of IPv6 that one customer has all of, in bits and in groups of 16. */
const IPV6_NETWORK_GROUPS = 4

type ByLevel = Readonly<Record<AccessLevel, RateLimiter>>

/** The limits of this server: for passes that proved who they are, and for addresses that did not. */
export class RateLimiting {
  readonly #grants: ByLevel
  readonly #calls: ByLevel
  readonly #people: RateLimiter
  readonly #keys: RateLimiter
  readonly #failures: RateLimiter
  readonly #authorizations: RateLimiter

  constructor(limits: RateLimits, redis: RedisConnection | undefined) {
    const byLevel = (
      policy: string,
      { basic, standard, premium, enterprise }: RateLimitsByLevel,
    ): ByLevel => ({
      basic: new RateLimiter(policy, basic, redis),
      standard: new RateLimiter(policy, standard, redis),
      premium: new RateLimiter(policy, premium, redis),
      enterprise: new RateLimiter(policy, enterprise, redis),
    })
    this.#grants = byLevel('grants', limits.grants)
    this.#calls = byLevel('calls', limits.calls)
    this.#people = new RateLimiter('people', limits.people, redis)
    this.#keys = new RateLimiter('keys', limits.keys, redis)
    this.#failures = new RateLimiter('failures', limits.failures, redis)
    this.#authorizations = new RateLimiter('authorizations', limits.authorizations, redis)
  }

  /** Counts a token request of a pass that has proved its secret: nobody else can use up what it may ask for. */
  takeGrant(passId: string, level: AccessLevel): Promise<RateDecision> {
    return this.#grants[level].take(passId)
  }

  /** Counts any other call of a pass that has proved itself. */
  takeCall(passId: string, level: AccessLevel): Promise<RateDecision> {
    return this.#calls[level].take(passId)
  }

  /** Counts a call of a person who is signed in. */
  takePerson(userId: string): Promise<RateDecision> {
    return this.#people.take(userId)
  }

  /** Counts a call with an API key, of a project or of an organization. */
  takeKey(keyId: string): Promise<RateDecision> {
    return this.#keys.take(keyId)
  }

  /** Counts an attempt from an address that proved nothing. */
  takeFailure(address: string): Promise<RateDecision> {
    return this.#failures.take(networkOf(address))
  }

  /** Counts a sign-in or a sign-out that is begun from an address. */
  takeAuthorization(address: string): Promise<RateDecision> {
    return this.#authorizations.take(networkOf(address))
  }
}

/** What an address is counted as: itself, or the network that its owner has all of (IPv6: 64 bits). */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  if (!('parts' in parsed)) return parsed.toString()
  const network = parsed.parts.slice(0, IPV6_NETWORK_GROUPS).map(group => group.toString(16))
  return `${network.join(':')}::`
}

/** Tells the caller of a limit, and refuses where it is used up. @throws Problem `rate_limited` */
export function applyLimit(ctx: Pick<Context, 'set'>, decision: RateDecision): void {
  ctx.set(rateLimitHeaders(decision))
  if (!decision.allowed) throw new Problem('rate_limited', whyLimited(decision))
}

/** For the person who reads it: which limit, and what to do. */
export function whyLimited({ policy, limit, resetMs }: RateDecision): string {
  const seconds = Math.max(1, Math.ceil(resetMs / 1000))
  const what = {
    grants: `This Sentinel Pass may ask for ${limit.limit} tokens`,
    calls: `This Sentinel Pass may make ${limit.limit} calls`,
    people: `One person may make ${limit.limit} calls`,
    keys: `One API key may make ${limit.limit} calls`,
    failures: `${limit.limit} attempts without a valid credential may come from one address`,
    authorizations: `${limit.limit} sign-ins and sign-outs may be begun from one address`,
  }[policy]
  return `${what ?? `There may be ${limit.limit} requests`} in ${limit.windowSeconds} s. Try again in ${seconds} s.`
}

/**
 * Counts failures against the address that they came from, and answers 429 beyond the limit. A valid credential is let
 * in from any address: nobody locks others out by failing.
 *
 * @param isFailure tells which answers count, by their status; 401 when not given
 */
export function limitFailures(
  limits: RateLimiting,
  isFailure: (ctx: Context, status: number) => boolean = (_ctx, status) => status === 401,
): Middleware<RequestState> {
  return async (ctx, next) => {
    let failure: unknown
    try {
      await next()
    } catch (error) {
      failure = error
    }
    const status = failure === undefined ? ctx.status : toProblem(failure).status
    if (!isFailure(ctx, status)) {
      if (failure !== undefined) throw failure
      return
    }
    const decision = await limits.takeFailure(ctx.state.clientIp)
    if (!decision.allowed) {
      ctx.remove('WWW-Authenticate')
      applyLimit(ctx, decision)
    }
    if (failure !== undefined) throw failure
  }
}
