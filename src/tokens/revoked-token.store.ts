import type { Database } from '../platform/database.ts'

/** The tokens that were revoked, until they would have ended by themselves; written with the act that revokes. */
export class RevokedTokenStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Forgets those that have ended anyway. @returns how many, at most `limit` */
  async deleteExpired(now: Date, limit: number): Promise<number> {
    const rows = await this.#database.query(
      `delete from revoked_tokens where hash in (
         select hash from revoked_tokens where expires_at <= $1::timestamptz limit $2 for update skip locked)
       returning 1`,
      [now.toISOString(), limit],
    )
    return rows.length
  }
}
