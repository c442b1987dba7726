import { hash } from 'node:crypto'
import type { AdapterPayload } from 'oidc-provider'
import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database.ts'

// What is of a user ends when their epoch moves on: the session too, so that nobody is taken to be signed in by it.
const OF_NOBODY_OR_CURRENT = `(a.payload->>'accountId' is null or exists (select from users u
  where u.id = split_part(a.payload->>'accountId', '.', 1)::uuid
    and u.epoch = split_part(a.payload->>'accountId', '.', 2)::int))`

// And what is of a session ends with it: the session that somebody is signed in by, and what it gave.
const OF_NONE_OR_LIVING = `(coalesce(a.payload->>'sessionUid',
    case when a.model = 'Session' and a.payload->>'accountId' is not null then a.uid end) is null
  or exists (select from user_sessions s
    where s.uid = coalesce(a.payload->>'sessionUid', a.uid) and s.expires_at > $3::timestamptz))`

/** What stands for a bearer value in the store, in hex. The value has 256 random bits, so that a plain hash is enough. */
export function bearerHash(value: string): string {
  return hash('sha256', value, 'hex')
}

interface ArtifactRow {
  readonly payload: Record<string, unknown>
  readonly consumed: boolean
}

/** What the library keeps of people who sign in. Ids are bearer values of some kinds: only their hashes are stored. */
export class SessionArtifactStore {
  readonly #database: Database
  readonly #clock: Clock

  constructor(database: Database, clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  /** @param expiresIn seconds @param until when it ends at the latest */
  async upsert(
    model: string,
    id: string,
    payload: AdapterPayload,
    expiresIn: number,
    until?: Date,
  ): Promise<void> {
    const expiresAt = new Date(Math.min(this.#clock.now() + expiresIn * 1000, until?.getTime() ?? Infinity))
    // The id itself stays out of the row: whoever reads the table could use it.
    const { jti: _jti, ...stored } = payload
    // A grant is found by its own id, so that its tokens can be looked up together with it.
    const grantId = model === 'Grant' ? id : (payload.grantId ?? null)
    await this.#database.query(
      `insert into oidc_artifacts (model, id_hash, payload, grant_id, uid, expires_at)
       values ($1, decode($2, 'hex'), $3::jsonb, $4, $5, $6::timestamptz)
       on conflict (model, id_hash) do update set payload = excluded.payload, grant_id = excluded.grant_id,
         uid = excluded.uid, expires_at = excluded.expires_at`,
      [model, bearerHash(id), JSON.stringify(stored), grantId, payload.uid ?? null, expiresAt.toISOString()],
    )
  }

  /** @returns undefined for what is unknown, past its time, or of a user whose epoch has moved on */
  async find(model: string, id: string): Promise<AdapterPayload | undefined> {
    const rows = await this.#database.query<ArtifactRow>(
      `select a.payload, a.consumed_at is not null as consumed from oidc_artifacts a
       where a.model = $1 and a.id_hash = decode($2, 'hex') and a.expires_at > $3::timestamptz
         and ${OF_NOBODY_OR_CURRENT} and ${OF_NONE_OR_LIVING}`,
      [model, bearerHash(id), this.#clock.date().toISOString()],
    )
    const row = rows[0]
    return row && { ...row.payload, jti: id, ...(row.consumed ? { consumed: true } : {}) }
  }

  /** The session that tokens name as theirs, without the id that a browser knows it by. */
  async findByUid(model: string, uid: string): Promise<AdapterPayload | undefined> {
    const rows = await this.#database.query<ArtifactRow>(
      `select a.payload, false as consumed from oidc_artifacts a
       where a.model = $1 and a.uid = $2 and a.expires_at > $3::timestamptz
         and ${OF_NOBODY_OR_CURRENT} and ${OF_NONE_OR_LIVING}`,
      [model, uid, this.#clock.date().toISOString()],
    )
    return rows[0]?.payload
  }

  /** Marks a code as used. Of two who use it at once, one does. @returns whether this one did */
  async consume(model: string, id: string): Promise<boolean> {
    const rows = await this.#database.query(
      `update oidc_artifacts set consumed_at = $3::timestamptz
       where model = $1 and id_hash = decode($2, 'hex') and consumed_at is null and expires_at > $3::timestamptz
       returning model`,
      [model, bearerHash(id), this.#clock.date().toISOString()],
    )
    return rows.length > 0
  }

  async destroy(model: string, id: string): Promise<void> {
    await this.#database.query(
      `delete from oidc_artifacts where model = $1 and id_hash = decode($2, 'hex')`,
      [model, bearerHash(id)],
    )
  }

  /** Ends a grant with every code and token of it. */
  async revokeGrant(grantId: string): Promise<void> {
    await this.#database.query('delete from oidc_artifacts where grant_id = $1', [grantId])
  }

  /** Forgets what has expired. @returns how many, at most `limit` */
  async deleteExpired(now: Date, limit: number): Promise<number> {
    return this.#database.deletePast('oidc_artifacts', 'expires_at', now, limit)
  }
}
