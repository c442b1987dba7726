import type { TokenEnd } from '../activity/record-batch.ts'
import type { Page } from '../http/pagination.ts'
import type { Clock } from '../platform/clock.ts'
import { type Database, type EntityManager, instantOf } from '../platform/database.ts'
import type { KeptToken, RedisTokens } from './redis-tokens.ts'
import { claimsOf, isPulled, type TokenClaims } from './token.store.ts'

/** A live token of a pass, without its value. */
export interface LiveToken extends TokenClaims {
  readonly id: string
  /** SHA-256 of the value, in hex. */
  readonly hash: string
  readonly issuedAt: Date
  /** The end of the token or of its pass, whichever comes first. */
  readonly expiresAt: Date
  /** The end that the token was given at its grant. */
  readonly grantedUntil: Date
}

/** The pass as it is now: what decides which of its tokens live. */
export interface PassOfTokens {
  readonly id: string
  readonly epoch: number
  readonly validUntil?: Date | null | undefined
}

interface LiveRow {
  readonly id: string
  readonly hash: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly issuedAt: string
  readonly expiresAt: string
}

/** The live tokens of a pass, wherever tokens are kept; the latest end first. */
export class LiveTokenStore {
  readonly #database: Database
  readonly #clock: Clock
  readonly #kept: RedisTokens | undefined

  /** @param kept tokens in Redis; in the database when not given */
  constructor(database: Database, clock: Clock, kept?: RedisTokens) {
    this.#database = database
    this.#clock = clock
    this.#kept = kept
  }

  /** @throws Unavailable when Redis, where tokens are kept there, does not answer */
  async list(pass: PassOfTokens, page: number, perPage: number): Promise<Page<LiveToken>> {
    const none = { items: [], page, perPage, total: 0 }
    if (pass.validUntil && pass.validUntil.getTime() <= this.#clock.now()) return none
    const [offset, limit] = [(page - 1) * perPage, perPage]
    return this.#kept
      ? { ...none, ...(await this.#keptPage(this.#kept, pass, offset, limit)) }
      : { ...none, ...(await this.#storedPage(pass, offset, limit)) }
  }

  /** @throws Unavailable when Redis, where tokens are kept there, does not answer */
  async find(pass: PassOfTokens, tokenId: string): Promise<LiveToken | undefined> {
    if (pass.validUntil && pass.validUntil.getTime() <= this.#clock.now()) return undefined
    if (!this.#kept) {
      const [row] = await this.#database.query<LiveRow>(`${SELECT_LIVE} and t.id = $4::uuid`, [
        ...this.#livePlace(pass),
        tokenId,
      ])
      return row && fromRow(row, pass)
    }
    const hash = await this.#kept.hashOf(pass.id, pass.epoch, tokenId)
    const token = hash === undefined ? undefined : await this.#kept.find(hash)
    if (hash === undefined || !token || token.expiresAt <= this.#clock.now()) return undefined
    const [live] = await this.#withoutEnded([{ hash, token }])
    return live && fromKept(live.hash, live.token, pass)
  }

  /** Ends a token, in the transaction of whoever ends it. After that has been committed, take it off the list. */
  async end(em: EntityManager, { hash, expiresAt }: TokenEnd): Promise<void> {
    const bytes = Buffer.from(hash, 'hex')
    // No pass has this epoch: as `record_batch` ends tokens.
    await em.execute('update tokens set epoch = -1 where hash = ?', [bytes])
    await em.execute(
      'insert into revoked_tokens (hash, expires_at) values (?, ?::timestamptz) on conflict do nothing',
      [bytes, new Date(expiresAt).toISOString()],
    )
  }

  /** Takes an ended token off the list in Redis, where it is kept there; never fails. */
  async unlist({ hash }: Pick<TokenEnd, 'hash'>): Promise<void> {
    await this.#kept?.unlist([hash])
  }

  #livePlace(pass: PassOfTokens): readonly unknown[] {
    return [pass.id, pass.epoch, this.#clock.date().toISOString()]
  }

  async #storedPage(pass: PassOfTokens, offset: number, limit: number) {
    const place = this.#livePlace(pass)
    const rows = await this.#database.query<LiveRow>(
      `${SELECT_LIVE} order by t.expires_at desc, t.id desc offset $4 limit $5`,
      [...place, offset, limit],
    )
    const [counted] = await this.#database.query<{ total: number }>(
      `select count(*)::int as total ${FROM_LIVE}`,
      place,
    )
    return { items: rows.map(row => fromRow(row, pass)), total: counted?.total ?? 0 }
  }

  async #keptPage(kept: RedisTokens, pass: PassOfTokens, offset: number, limit: number) {
    const { total, tokens } = await kept.page(pass.id, pass.epoch, offset, limit)
    const live = await this.#withoutEnded(tokens)
    return { items: live.map(({ hash, token }) => fromKept(hash, token, pass)), total }
  }

  /** Redis knows nothing of keys that were pulled, and may have come back with tokens that were revoked. */
  async #withoutEnded(
    tokens: readonly { readonly hash: string; readonly token: KeptToken }[],
  ): Promise<{ readonly hash: string; readonly token: KeptToken }[]> {
    const shown = tokens.map(({ hash, token }) => ({ hash, kid: token.payload.kid ?? null }))
    const ended = await this.#database.query<{ hash: string }>(
      `select t.hash from json_to_recordset($1::json) as t(hash text, kid text)
       where ${isPulled('t.kid')} or exists (select from revoked_tokens r where r.hash = decode(t.hash, 'hex'))`,
      [JSON.stringify(shown)],
    )
    const gone = new Set(ended.map(({ hash }) => hash))
    return tokens.filter(({ hash }) => !gone.has(hash))
  }
}

const FROM_LIVE = `from tokens t where t.pass_id = $1::uuid and t.epoch = $2::int and t.expires_at > $3::timestamptz
  and not ${isPulled("t.payload->>'kid'")}`
const SELECT_LIVE = `select t.id, encode(t.hash, 'hex') as hash, t.payload, t.issued_at as "issuedAt",
  t.expires_at as "expiresAt" ${FROM_LIVE}`

function fromRow({ id, hash, payload, issuedAt, expiresAt }: LiveRow, pass: PassOfTokens): LiveToken {
  return liveToken(id, hash, payload, instantOf(issuedAt), instantOf(expiresAt), pass)
}

function fromKept(
  hash: string,
  { id, payload, issuedAt, expiresAt }: KeptToken,
  pass: PassOfTokens,
): LiveToken {
  return liveToken(id, hash, payload, new Date(issuedAt), new Date(expiresAt), pass)
}

function liveToken(
  id: string,
  hash: string,
  payload: Readonly<Record<string, unknown>>,
  issuedAt: Date,
  grantedUntil: Date,
  { validUntil }: PassOfTokens,
): LiveToken {
  return {
    id,
    hash,
    ...claimsOf(payload),
    issuedAt,
    expiresAt: validUntil && validUntil < grantedUntil ? validUntil : grantedUntil,
    grantedUntil,
  }
}
