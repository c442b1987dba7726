import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import type { RateLimit } from './rate-limits.ts'
import { type RedisConnection, within } from './redis.ts'

/** Redis counts at once or not at all: a request that waits for it has better things to do. */
const COUNTED_WITHIN_MS = 200

/** What a limit says of one request. */
export interface RateDecision {
  /** The name of the limit. */
  readonly policy: string
  readonly limit: RateLimit
  readonly allowed: boolean
  /** How many more there may be in this window. */
  readonly remaining: number
  /** Milliseconds until the window ends. */
  readonly resetMs: number
}

/**
 * Counts in windows: in Redis for all nodes together, where there is one; otherwise, and for as long as it does not
 * answer, in this process's memory. It never fails.
 */
export class RateLimiter {
  readonly #policy: string
  readonly #limit: RateLimit
  readonly #redis: RedisConnection | undefined
  readonly #shared: RateLimiterRedis | undefined
  readonly #own: RateLimiterMemory

  /** @param policy a name that is a token of RFC 9110, such as `grants` */
  constructor(policy: string, limit: RateLimit, redis: RedisConnection | undefined) {
    const options = { keyPrefix: '', points: limit.limit, duration: limit.windowSeconds }
    this.#policy = policy
    this.#limit = limit
    this.#redis = redis
    this.#own = new RateLimiterMemory(options)
    this.#shared =
      redis &&
      new RateLimiterRedis({
        ...options,
        storeClient: redis.client,
        rejectIfRedisNotReady: true,
        // Who is over the limit costs Redis nothing until the window ends.
        inMemoryBlockOnConsumed: limit.limit + 1,
      })
  }

  /** Counts one request of somebody. */
  async take(id: string): Promise<RateDecision> {
    const answer =
      (await this.#ask((shared, key) => consume(shared, key(id)))) ?? (await consume(this.#own, id))
    return {
      policy: this.#policy,
      limit: this.#limit,
      allowed: answer.allowed,
      remaining: answer.allowed ? Math.max(0, answer.counted.remainingPoints) : 0,
      resetMs: Math.max(0, answer.counted.msBeforeNext),
    }
  }

  /** Counts one request of somebody less, as when it was good. */
  async giveBack(id: string): Promise<void> {
    const counted = await this.#ask((shared, key) => shared.reward(key(id)))
    if (!counted) await this.#own.reward(id)
  }

  /** What Redis answers; undefined where there is none, or it does not answer. */
  async #ask<Answer>(
    question: (shared: RateLimiterRedis, key: (id: string) => string) => Promise<Answer>,
  ): Promise<Answer | undefined> {
    const [redis, shared] = [this.#redis, this.#shared]
    if (!redis || !shared) return undefined
    try {
      return await within(
        COUNTED_WITHIN_MS,
        question(shared, id => redis.key(`limit:${this.#policy}`, id)),
      )
    } catch {
      return undefined
    }
  }
}

interface Counted {
  readonly allowed: boolean
  readonly counted: RateLimiterRes
}

async function consume(limiter: RateLimiterMemory | RateLimiterRedis, key: string): Promise<Counted> {
  try {
    return { allowed: true, counted: await limiter.consume(key) }
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return { allowed: false, counted: refused }
    throw refused
  }
}
