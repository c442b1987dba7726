import { z } from 'zod'
import type { TokenDraft } from '../activity/record-batch.ts'
import type { TokenKeeper } from '../activity/recorder.ts'
import type { Clock } from '../platform/clock.ts'
import { ACCESS_LEVELS, accessLevelLimits } from '../platform/config.ts'
import type { RedisConnection } from '../platform/redis.ts'

/** An ended token is known for this long, so that a call that still shows it is on record as its pass's. */
const KEPT_AFTER_END_MS = 5 * 60_000
/** The index of a pass may go when the last of its tokens has: this long after it was granted at the latest. */
const INDEX_KEPT_MS =
  Math.max(...ACCESS_LEVELS.map(level => accessLevelLimits[level].maxTokenTtlSeconds)) * 1000 +
  KEPT_AFTER_END_MS

const keptToken = z.object({
  id: z.string(),
  passId: z.string(),
  epoch: z.int(),
  payload: z.record(z.string(), z.unknown()),
  issuedAt: z.int(),
  expiresAt: z.int(),
})

/** A token as Redis keeps it; times are milliseconds since the epoch. */
export type KeptToken = z.output<typeof keptToken>

/**
 * Opaque access tokens in Redis: each under its hash, and an index of them for each pass. Whether one is good is the
 * database's to say: Redis may lose what it has, or come back with what it had an hour ago.
 */
export class RedisTokens implements TokenKeeper {
  readonly #redis: RedisConnection
  readonly #clock: Clock

  constructor(redis: RedisConnection, clock: Clock) {
    this.#redis = redis
    this.#clock = clock
  }

  /** @throws Unavailable when Redis has not taken the token and its entry in the index */
  async save({ hash, ...token }: TokenDraft): Promise<void> {
    const keptMs = Math.max(1, token.expiresAt - token.issuedAt) + KEPT_AFTER_END_MS
    const index = this.#indexKey(token.passId)
    await this.#redis.run(async client => {
      const indexed = client
        .pipeline()
        .zadd(index, token.expiresAt, hash)
        .zremrangebyscore(index, '-inf', this.#clock.now())
        .pexpire(index, INDEX_KEPT_MS)
        .exec()
      const [results] = await Promise.all([
        indexed,
        client.set(this.#tokenKey(hash), JSON.stringify(token), 'PX', keptMs),
      ])
      for (const [error] of results ?? []) if (error) throw error
    })
  }

  /** @throws Unavailable */
  async find(hash: string): Promise<KeptToken | undefined> {
    const text = await this.#redis.run(client => client.get(this.#tokenKey(hash)))
    return text === null ? undefined : readToken(text)
  }

  /** The tokens of a pass that have not ended by their time, oldest end first, by their hashes. @throws Unavailable */
  async ofPass(passId: string): Promise<ReadonlyMap<string, KeptToken>> {
    const hashes = await this.#redis.run(client =>
      client.zrangebyscore(this.#indexKey(passId), `(${this.#clock.now()}`, '+inf'),
    )
    const tokens = await Promise.all(hashes.map(async hash => [hash, await this.find(hash)] as const))
    return new Map(tokens.flatMap(([hash, token]) => (token?.passId === passId ? [[hash, token]] : [])))
  }

  /** Never fails: what has ended a token, or has not granted it, is the database. */
  async forget(hashes: readonly string[]): Promise<void> {
    const forgotten = hashes.map(hash => this.#redis.run(client => client.del(this.#tokenKey(hash))))
    await Promise.allSettled(forgotten)
  }

  #tokenKey(hash: string): string {
    return this.#redis.key('token', hash)
  }

  #indexKey(passId: string): string {
    return this.#redis.key('pass-tokens', passId)
  }
}

/** What is not a token is as good as lost. */
function readToken(text: string): KeptToken | undefined {
  try {
    return keptToken.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
