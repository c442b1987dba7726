import { hash } from 'node:crypto'
import type { TokenEnd } from '../activity/record-batch.ts'
import type { Clock } from '../platform/clock.ts'
import type { AccessLevel } from '../platform/config.ts'
import { type Database, instantOf } from '../platform/database.ts'
import type { KeptToken, RedisTokens } from './redis-tokens.ts'

/** The pass of a token, as it is at the moment of the look-up. */
export interface TokenPass {
  readonly id: string
  /** Raised by each change. */
  readonly version: number
  /** Raised by whatever ends all of its tokens. */
  readonly epoch: number
  readonly passId: string
  readonly title: string
  readonly clientId: string
  readonly agentUserId: string
  readonly projectId: string
  readonly organizationId: string
  readonly permissions: readonly string[]
  readonly accessLevel: AccessLevel
  readonly allowedIps: readonly string[]
}

/** What a token is good for. */
export interface TokenClaims {
  readonly scopes: readonly string[]
  readonly audience: string | undefined
  /** The SHA-256 thumbprint of the certificate that it is bound to (RFC 8705 section 3.1). */
  readonly certificate: string | undefined
}

/** A token that was found, and whether it is still good. */
export interface FoundToken extends TokenClaims {
  /** The id that rows and people call it by; never the bearer value. */
  readonly id: string
  /** In hex. */
  readonly hash: string
  readonly live: boolean
  readonly issuedAt: Date
  /** The end of the token or of its pass, whichever comes first. */
  readonly expiresAt: Date
  /** The end that the token was given at its grant. */
  readonly grantedUntil: Date
  readonly payload: Readonly<Record<string, unknown>>
  readonly pass: TokenPass
}

interface TokenRow extends TokenPass {
  readonly tokenId: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly issuedAt: string
  readonly grantedUntil: string
  readonly expiresAt: string
  readonly notEnded: boolean
}

/** What the database says of a token that is kept elsewhere. */
type JudgedRow = Omit<TokenRow, 'tokenId' | 'payload' | 'issuedAt' | 'grantedUntil'>

const PASS_COLUMNS = `p.id, p.version, p.epoch, p.pass_id as "passId", p.title, p.client_id as "clientId", p.agent_id as "agentUserId",
  p.project_id as "projectId", j.organization_id as "organizationId", p.permissions,
  p.access_level as "accessLevel", p.allowed_ips as "allowedIps"`

/** Whether the key that signed a token was pulled; an opaque token has none. @param kid an SQL expression */
export function isPulled(kid: string): string {
  return `exists (select from signing_keys s where s.kid = ${kid}::text and s.pulled_at is not null)`
}

/** The key of a token in the store, in hex. The value has 256 random bits, so that a plain hash is enough. */
export function tokenHash(value: string): string {
  return hash('sha256', value, 'hex')
}

/** Reads them from what is kept of a token. */
export function claimsOf(payload: Readonly<Record<string, unknown>>): TokenClaims {
  const { scope, aud, 'x5t#S256': certificate } = payload
  return {
    scopes: typeof scope === 'string' ? scope.split(' ') : [],
    audience: typeof aud === 'string' ? aud : undefined,
    certificate: typeof certificate === 'string' ? certificate : undefined,
  }
}

/** The end of a token, for an act to carry out. */
export function tokenEnd({ hash, grantedUntil }: FoundToken): TokenEnd {
  return { hash, expiresAt: grantedUntil.getTime() }
}

/** So long an ended token is still known, so that a call that shows it is on the record of its pass. */
const ENDED_KEPT_MS = 3_600_000

/**
 * Access tokens, opaque and signed alike, in PostgreSQL or in Redis. The recorder writes them: in the statement that
 * records the grant, or to Redis right before it. Wherever a token is kept, PostgreSQL says whether it is good.
 */
export class TokenStore {
  readonly #database: Database
  readonly #clock: Clock
  readonly #kept: RedisTokens | undefined

  /** @param kept tokens in Redis; in the database when not given */
  constructor(database: Database, clock: Clock, kept?: RedisTokens) {
    this.#database = database
    this.#clock = clock
    this.#kept = kept
  }

  /**
   * The token of a bearer value, with its pass as it is now: ended by its time, its pass's time, its pass's epoch, by
   * being revoked, or because the key that signed it was pulled.
   * @returns undefined when there is no such token, or its pass was deleted
   * @throws Unavailable when Redis, where tokens are kept there, does not answer
   */
  async find(value: string): Promise<FoundToken | undefined> {
    const key = tokenHash(value)
    if (!this.#kept) return this.#stored(key)
    const token = await this.#kept.find(key)
    return token && this.#judged(key, token)
  }

  async #stored(key: string): Promise<FoundToken | undefined> {
    const [row] = await this.#database.query<TokenRow>(
      `select t.id as "tokenId", t.payload, t.issued_at as "issuedAt", t.expires_at as "grantedUntil",
         least(t.expires_at, p.valid_until) as "expiresAt",
         t.epoch = p.epoch and not ${isPulled("t.payload->>'kid'")} as "notEnded", ${PASS_COLUMNS}
       from tokens t join passes p on p.id = t.pass_id join projects j on j.id = p.project_id
       where t.hash = decode($1, 'hex')`,
      [key],
    )
    if (!row) return undefined
    const { tokenId, payload, issuedAt, grantedUntil, ...judged } = row
    const times = { issuedAt: instantOf(issuedAt), grantedUntil: instantOf(grantedUntil) }
    return this.#found(key, { id: tokenId, payload, ...times }, judged)
  }

  async #judged(key: string, token: KeptToken): Promise<FoundToken | undefined> {
    const { id, payload, passId, epoch } = token
    const [issuedAt, grantedUntil] = [new Date(token.issuedAt), new Date(token.expiresAt)]
    const [row] = await this.#database.query<JudgedRow>(
      `select least($2::timestamptz, p.valid_until) as "expiresAt",
         p.epoch = $3::int and not ${isPulled('$5')}
           and not exists (select from revoked_tokens r where r.hash = decode($4, 'hex')) as "notEnded", ${PASS_COLUMNS}
       from passes p join projects j on j.id = p.project_id
       where p.id = $1::uuid`,
      [passId, grantedUntil.toISOString(), epoch, key, payload.kid ?? null],
    )
    return row && this.#found(key, { id, payload, issuedAt, grantedUntil }, row)
  }

  #found(
    key: string,
    token: Pick<FoundToken, 'id' | 'payload' | 'issuedAt' | 'grantedUntil'>,
    { expiresAt: expires, notEnded, ...pass }: JudgedRow,
  ): FoundToken {
    const expiresAt = instantOf(expires)
    return {
      ...token,
      hash: key,
      live: notEnded && expiresAt.getTime() > this.#clock.now(),
      ...claimsOf(token.payload),
      expiresAt,
      pass,
    }
  }

  /** Forgets revocations of tokens that have ended by themselves since. @returns how many, at most `limit` */
  async deleteRevocations(now: Date, limit: number): Promise<number> {
    return this.#database.deletePast('revoked_tokens', 'expires_at', now, limit)
  }

  /** Deletes tokens that ended an hour ago or more. @returns how many, at most `limit` */
  async deleteEnded(now: Date, limit: number): Promise<number> {
    return this.#database.deletePast('tokens', 'expires_at', new Date(now.getTime() - ENDED_KEPT_MS), limit)
  }
}
