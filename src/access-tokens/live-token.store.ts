import type { Page } from '../http/pagination.ts'
import type { Clock } from '../platform/clock.ts'
import { maxTokenTtlSeconds } from '../platform/config.ts'
import { type Database, type EntityManager, instantOf } from '../platform/database.ts'
import type { TokenEnd } from '../record/token-end.ts'
import { isEnded, isPulled, isUnowned } from './token.store.ts'
import type { TokenClaims } from './token-claims.ts'

/** A live token of a pass, without its value. */
export interface LiveToken extends Pick<TokenClaims, 'id' | 'scopes' | 'audience' | 'certificate'> {
  readonly issuedAt: Date
  /** The end of the token or of its pass, whichever comes first. */
  readonly expiresAt: Date
  /** The end that the token was given at its grant. */
  readonly grantedUntil: Date
}

/** The pass as it is now: what decides which of its tokens live. */
export interface PassOfTokens {
  readonly epoch: number
  readonly validUntil?: Date | null | undefined
  readonly agent: { readonly id: string }
}

interface LiveRow {
  readonly id: string
  readonly metadata: Readonly<Record<string, unknown>>
  readonly issuedAt: string
  readonly expiresAt: string
}

/** A row is committed within this time of its start: where rows of live tokens are looked for begins so much earlier. */
const COMMITTED_WITHIN_MS = 10 * 60_000

const FROM_LIVE = `from activity a where a.agent_user_id = $1::uuid and a.started_at > $4::timestamptz
  and a.token_epoch = $2::int and a.token_expires_at > $3::timestamptz
  and not ${isPulled("a.metadata->>'signing_key'")} and not ${isEnded('a.id')}
  and ${isUnowned("(a.metadata->>'resource')", '$5', 'a.project_id')} is not true`
const SELECT_LIVE = `select a.id, a.metadata, a.started_at as "issuedAt", a.token_expires_at as "expiresAt" ${FROM_LIVE}`

/** The live tokens of a pass, by the rows of their grants: nothing else is kept of them. The latest end comes first. */
export class LiveTokenStore {
  readonly #database: Database
  readonly #clock: Clock
  readonly #apiBaseUrl: string

  constructor(database: Database, clock: Clock, apiBaseUrl: string) {
    this.#database = database
    this.#clock = clock
    this.#apiBaseUrl = apiBaseUrl
  }

  async list(pass: PassOfTokens, page: number, perPage: number): Promise<Page<LiveToken>> {
    if (this.#hasEnded(pass)) return { items: [], page, perPage, total: 0 }
    const place = this.#livePlace(pass)
    const rows = await this.#database.query<LiveRow>(
      `${SELECT_LIVE} order by a.token_expires_at desc, a.id desc offset $6 limit $7`,
      [...place, (page - 1) * perPage, perPage],
    )
    const [counted] = await this.#database.query<{ total: number }>(
      `select count(*)::int as total ${FROM_LIVE}`,
      place,
    )
    return { items: rows.map(row => liveToken(row, pass)), page, perPage, total: counted?.total ?? 0 }
  }

  async find(pass: PassOfTokens, tokenId: string): Promise<LiveToken | undefined> {
    if (this.#hasEnded(pass)) return undefined
    const [row] = await this.#database.query<LiveRow>(`${SELECT_LIVE} and a.id = $6::uuid`, [
      ...this.#livePlace(pass),
      tokenId,
    ])
    return row && liveToken(row, pass)
  }

  /** Ends a token, in the transaction of whoever ends it, who holds its pass. */
  async end(em: EntityManager, { id, expiresAt }: TokenEnd): Promise<void> {
    await em.execute(
      'insert into ended_tokens (id, expires_at) values (?, ?::timestamptz) on conflict do nothing',
      [id, new Date(expiresAt).toISOString()],
    )
  }

  #hasEnded({ validUntil }: PassOfTokens): boolean {
    return validUntil ? validUntil.getTime() <= this.#clock.now() : false
  }

  #livePlace({ agent, epoch }: PassOfTokens): readonly unknown[] {
    const now = this.#clock.now()
    const oldest = new Date(now - maxTokenTtlSeconds * 1000 - COMMITTED_WITHIN_MS)
    return [agent.id, epoch, new Date(now).toISOString(), oldest.toISOString(), this.#apiBaseUrl]
  }
}

function liveToken(row: LiveRow, { validUntil }: PassOfTokens): LiveToken {
  const { scopes, resource, certificate_thumbprint: certificate } = row.metadata
  const grantedUntil = instantOf(row.expiresAt)
  return {
    id: row.id,
    scopes: Array.isArray(scopes) ? scopes.filter(scope => typeof scope === 'string') : [],
    audience: typeof resource === 'string' ? resource : undefined,
    certificate: typeof certificate === 'string' ? certificate : undefined,
    issuedAt: instantOf(row.issuedAt),
    expiresAt: validUntil && validUntil < grantedUntil ? validUntil : grantedUntil,
    grantedUntil,
  }
}
