import { z } from 'zod'
import type { TokenDraft } from '../activity/record-batch.ts'
import type { TokenKeeper } from '../activity/recorder.ts'
import type { Clock } from '../platform/clock.ts'
import { maxTokenTtlSeconds } from '../platform/config.ts'
import type { RedisConnection } from '../platform/redis.ts'

const SCANNED_AT_ONCE = 1000
/** An ended token is known for this long, so that a call that still shows it is on record as its pass's. */
const KEPT_AFTER_END_MS = 5 * 60_000
/** The index of a pass may go when the last of its tokens has: this long after it was granted at the latest. */
const INDEX_KEPT_MS = maxTokenTtlSeconds * 1000 + KEPT_AFTER_END_MS

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
    const index = this.#indexKey(token.passId, token.epoch)
    await this.#redis.run(async client => {
      const indexed = client
        .pipeline()
        .zadd(index, token.expiresAt, memberOf(token.id, hash))
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

  /** Tokens of a pass that have not ended by their time, the latest end first. @throws Unavailable */
  async page(
    passId: string,
    epoch: number,
    offset: number,
    limit: number,
  ): Promise<{ total: number; tokens: { hash: string; token: KeptToken }[] }> {
    const index = this.#indexKey(passId, epoch)
    const after = `(${this.#clock.now()}`
    const [total, members] = await this.#redis.run(client =>
      Promise.all([
        client.zcount(index, after, '+inf'),
        client.zrevrangebyscore(index, '+inf', after, 'LIMIT', offset, limit),
      ]),
    )
    const found = await Promise.all(
      members.map(hashOfMember).map(async hash => {
        const token = await this.find(hash)
        return token ? [{ hash, token }] : []
      }),
    )
    return { total, tokens: found.flat() }
  }

  /** The hash of the token of a pass that has this id; undefined when there is none. @throws Unavailable */
  async hashOf(passId: string, epoch: number, tokenId: string): Promise<string | undefined> {
    const index = this.#indexKey(passId, epoch)
    let cursor = '0'
    do {
      const [next, members] = await this.#redis.run(client =>
        client.zscan(index, cursor, 'MATCH', memberOf(tokenId, '*'), 'COUNT', SCANNED_AT_ONCE),
      )
      const [member] = members
      if (member !== undefined) return hashOfMember(member)
      cursor = next
    } while (cursor !== '0')
    return undefined
  }

  /** Drops tokens that were not granted. Never fails: what has not granted them is the database. */
  async forget(hashes: readonly string[]): Promise<void> {
    await this.unlist(hashes)
    await Promise.allSettled(hashes.map(hash => this.#redis.run(client => client.del(this.#tokenKey(hash)))))
  }

  /** Takes tokens that were ended off the list of their pass. Never fails: what has ended them is the database. */
  async unlist(hashes: readonly string[]): Promise<void> {
    const unlisted = hashes.map(async hash => {
      const token = await this.find(hash)
      if (!token) return
      const index = this.#indexKey(token.passId, token.epoch)
      await this.#redis.run(client => client.zrem(index, memberOf(token.id, hash)))
    })
    await Promise.allSettled(unlisted)
  }

  #tokenKey(hash: string): string {
    return this.#redis.key('token', hash)
  }

  // With the epoch: tokens of one that is over are in no list.
  #indexKey(passId: string, epoch: number): string {
    return this.#redis.key('pass-tokens', `${passId}.${epoch}`)
  }
}

/** A token in the index of its pass: to be found by its id, and by its hash to be read. */
function memberOf(id: string, hash: string): string {
  return `${id}:${hash}`
}

function hashOfMember(member: string): string {
  return member.slice(member.indexOf(':') + 1)
}

/** What is not a token is as good as lost. */
function readToken(text: string): KeptToken | undefined {
  try {
    return keptToken.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
