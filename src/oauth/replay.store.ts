import { hash } from 'node:crypto'
import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database.ts'

/** Remembers what may be used once, such as the `jti` of a client assertion (RFC 7523 section 3). */
export interface ReplayGuard {
  /**
   * Claims a value; of any number of claims, on however many nodes, one succeeds until it has expired.
   * @param seconds how long the value could be used
   */
  claim(value: string, seconds: number): Promise<boolean>
}

/** Claimed values in PostgreSQL, by their SHA-256. */
export class ReplayStore implements ReplayGuard {
  readonly #database: Database
  readonly #clock: Clock

  constructor(database: Database, clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  async claim(value: string, seconds: number): Promise<boolean> {
    const now = this.#clock.now()
    const rows = await this.#database.query(
      `insert into replay_ids as r (hash, expires_at) values (decode($1, 'hex'), $2)
       on conflict (hash) do update set expires_at = excluded.expires_at where r.expires_at <= $3
       returning 1`,
      [hash('sha256', value, 'hex'), new Date(now + seconds * 1000), new Date(now)],
    )
    return rows.length > 0
  }

  /** Forgets what has expired. @returns how many, at most `limit` */
  async deleteExpired(now: Date, limit: number): Promise<number> {
    return this.#database.deletePast('replay_ids', 'expires_at', now, limit)
  }
}
