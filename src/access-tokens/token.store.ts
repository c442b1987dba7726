import type { FoundToken, TokenPass } from '../access/found-token.ts'
import type { Clock } from '../platform/clock.ts'
import { type Database, instantOf } from '../platform/database.ts'
import type { TokenEnd } from '../record/token-end.ts'
import { mayName } from '../resource-servers/resource-server.store.ts'
import type { TokenClaims } from './token-claims.ts'

/** What the database says of a token that was opened. */
interface JudgedRow extends TokenPass {
  readonly expiresAt: string
  readonly notEnded: boolean
}

/** Reads a bearer value, live or not; undefined for what is no token of this server. */
export type OpenToken = (value: string) => Promise<TokenClaims | undefined>

const PASS_COLUMNS = `p.id, p.version, p.epoch, p.pass_id as "passId", p.title, p.client_id as "clientId", p.agent_id as "agentUserId",
  p.project_id as "projectId", j.organization_id as "organizationId", p.permissions,
  p.access_level as "accessLevel", p.allowed_ips as "allowedIps"`

/** Whether the key that signed a token was pulled; a sealed token has none. @param kid an SQL expression */
export function isPulled(kid: string): string {
  return `exists (select from signing_keys s where s.kid = ${kid}::text and s.pulled_at is not null)`
}

/**
 * Whether what a token is for has ceased to be anything that passes of its project may name; this server's own API and
 * tokens that name nobody are not in question.
 * @param audience an SQL expression, as are the others
 */
export function isUnowned(audience: string, apiBaseUrl: string, project: string): string {
  return `(${audience}::text <> ${apiBaseUrl}::text and not starts_with(${audience}::text, ${apiBaseUrl}::text || '/')
    and not exists (select from resource_servers r where r.resource = ${audience}::text and r.verified_at is not null
      and ${mayName('r', project)}))`
}

/** Whether a token was ended by itself. @param id an SQL expression */
export function isEnded(id: string): string {
  return `exists (select from ended_tokens e where e.id = ${id}::uuid)`
}

/** The end of a token, for an act to carry out. */
export function tokenEnd({ id, grantedUntil }: FoundToken): TokenEnd {
  return { id, expiresAt: grantedUntil.getTime() }
}

/** So long an ended token is still known, so that a call that shows it is on the record of its pass. */
const ENDED_KNOWN_MS = 3_600_000

/**
 * Access tokens, sealed and signed alike. They say themselves what they are; whether one is good is the database's to
 * say, by what it has of its pass and of the tokens that were ended before their time.
 */
export class TokenStore {
  readonly #database: Database
  readonly #clock: Clock
  readonly #open: OpenToken
  readonly #apiBaseUrl: string

  constructor(database: Database, clock: Clock, open: OpenToken, apiBaseUrl: string) {
    this.#database = database
    this.#clock = clock
    this.#open = open
    this.#apiBaseUrl = apiBaseUrl
  }

  /**
   * The token of a bearer value, with its pass as it is now: ended by its time, its pass's time, its pass's epoch, by
   * being revoked, because the key that signed it was pulled, or because what it is for is no resource server any more.
   * @returns undefined when there is no such token, it ended more than an hour ago, or its pass was deleted
   */
  async find(value: string): Promise<FoundToken | undefined> {
    const claims = await this.#open(value)
    if (!claims) return undefined
    const { id, scopes, audience, certificate } = claims
    const grantedUntil = new Date(claims.issuedAt + claims.lifetimeSeconds * 1000)
    if (grantedUntil.getTime() < this.#clock.now() - ENDED_KNOWN_MS) return undefined
    const [row] = await this.#database.query<JudgedRow>(
      `select least($2::timestamptz, p.valid_until) as "expiresAt",
         p.epoch = $3::int and not ${isPulled('$5')} and not ${isEnded('$4')}
           and ${isUnowned('$6', '$7', 'p.project_id')} is not true as "notEnded", ${PASS_COLUMNS}
       from passes p join projects j on j.id = p.project_id
       where p.client_id = $1`,
      [
        ...[claims.clientId, grantedUntil.toISOString(), claims.epoch, id, claims.keyId ?? null],
        ...[audience ?? null, this.#apiBaseUrl],
      ],
    )
    if (!row) return undefined
    const { expiresAt: expires, notEnded, ...pass } = row
    const expiresAt = instantOf(expires)
    const live = notEnded && expiresAt.getTime() > this.#clock.now()
    const issuedAt = new Date(claims.issuedAt)
    return { id, scopes, audience, certificate, live, issuedAt, expiresAt, grantedUntil, pass }
  }

  /** Forgets ends of tokens that have ended by themselves since. @returns how many, at most `limit` */
  async deleteEnds(now: Date, limit: number): Promise<number> {
    return this.#database.deletePast('ended_tokens', 'expires_at', now, limit)
  }
}
