import type { Database } from '../platform/database.ts'

const NAME = 'retention'
/** A turn that lies further ahead was taken by a clock that was wrong. */
const FURTHEST_TURN_MS = 3_600_000

/** Whose turn it is to clean up: one row, which one of several nodes gets. */
export class RetentionRunStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Takes the turn that is due. @returns false when none is, or another node was faster */
  async take(holder: string, now: Date, next: Date): Promise<boolean> {
    const rows = await this.#database.query(
      `insert into retention_runs as r (name, holder, next_at) values ($1, $2, $3::timestamptz)
       on conflict (name) do update set holder = excluded.holder, next_at = excluded.next_at
       where r.next_at <= $4::timestamptz or r.next_at > $5::timestamptz
       returning name`,
      [
        NAME,
        holder,
        next.toISOString(),
        now.toISOString(),
        new Date(now.getTime() + FURTHEST_TURN_MS).toISOString(),
      ],
    )
    return rows.length > 0
  }

  /** Moves the next turn on, while this one lasts. @returns false when another node has taken over */
  async keep(holder: string, next: Date): Promise<boolean> {
    const rows = await this.#database.query(
      'update retention_runs set next_at = $3::timestamptz where name = $1 and holder = $2 returning name',
      [NAME, holder, next.toISOString()],
    )
    return rows.length > 0
  }
}
