import { hash } from 'node:crypto'
import type { Clock } from '../platform/clock.ts'
import type { AccessLevel } from '../platform/config.ts'
import { type Database, instantOf } from '../platform/database.ts'

/** The pass of a token, as it is at the moment of the look-up. */
export interface TokenPass {
  readonly id: string
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

/** A token that was found, and whether it is still good. */
export interface FoundToken {
  /** The id that rows and people call it by; never the bearer value. */
  readonly id: string
  /** In hex. */
  readonly hash: string
  readonly live: boolean
  readonly scopes: readonly string[]
  readonly audience: string | undefined
  readonly issuedAt: Date
  /** The end of the token or of its pass, whichever comes first. */
  readonly expiresAt: Date
  readonly payload: Readonly<Record<string, unknown>>
  readonly pass: TokenPass
}

interface TokenRow extends TokenPass {
  readonly tokenId: string
  readonly payload: Record<string, unknown>
  readonly issuedAt: string
  readonly expiresAt: string
  readonly sameEpoch: boolean
}

/** The key of a token in the store, in hex. The value has 256 random bits, so that a plain hash is enough. */
export function tokenHash(value: string): string {
  return hash('sha256', value, 'hex')
}

/** So long an ended token is still known, so that a call that shows it is on the record of its pass. */
const ENDED_KEPT_MS = 3_600_000

/** Opaque access tokens in PostgreSQL. They are written by the recorder, in the statement that records the grant. */
export class TokenStore {
  readonly #database: Database
  readonly #clock: Clock

  constructor(database: Database, clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  /**
   * The token of a bearer value, with its pass as it is now: ended by its time, its pass's time, its pass's epoch.
   * @returns undefined when there is no such token, or its pass was deleted
   */
  async find(value: string): Promise<FoundToken | undefined> {
    const key = tokenHash(value)
    const rows = await this.#database.query<TokenRow>(
      `select t.id as "tokenId", t.payload, t.issued_at as "issuedAt",
         least(t.expires_at, p.valid_until) as "expiresAt", t.epoch = p.epoch as "sameEpoch",
         p.id, p.pass_id as "passId", p.title, p.client_id as "clientId", p.agent_id as "agentUserId",
         p.project_id as "projectId", j.organization_id as "organizationId", p.permissions,
         p.access_level as "accessLevel", p.allowed_ips as "allowedIps"
       from tokens t join passes p on p.id = t.pass_id join projects j on j.id = p.project_id
       where t.hash = decode($1, 'hex')`,
      [key],
    )
    const row = rows[0]
    if (!row) return undefined
    const { tokenId, payload, issuedAt, expiresAt: expires, sameEpoch, ...pass } = row
    const expiresAt = instantOf(expires)
    const { scope, aud } = payload
    return {
      id: tokenId,
      hash: key,
      live: sameEpoch && expiresAt.getTime() > this.#clock.now(),
      scopes: typeof scope === 'string' ? scope.split(' ') : [],
      audience: typeof aud === 'string' ? aud : undefined,
      issuedAt: instantOf(issuedAt),
      expiresAt,
      payload,
      pass,
    }
  }
  /** Deletes tokens that ended an hour ago or more. @returns how many, at most `limit` */
  async deleteEnded(now: Date, limit: number): Promise<number> {
    const rows = await this.#database.query(
      `delete from tokens where hash in (
         select hash from tokens where expires_at <= $1::timestamptz
         order by expires_at limit $2 for update skip locked)
       returning id`,
      [new Date(now.getTime() - ENDED_KEPT_MS).toISOString(), limit],
    )
    return rows.length
  }
}
