import type { Database } from '../platform/database.ts'

/** A window counts for one minute; nodes whose clocks differ get some more. */
const KEPT_MS = 10 * 60_000

/** The windows of refused grants; the recorder writes them. */
export class RefusalWindowStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Deletes windows that are over. @returns how many, at most `limit` */
  async deleteOver(now: Date, limit: number): Promise<number> {
    const rows = await this.#database.query(
      `delete from refusal_windows where (agent_user_id, client_ip, minute) in (
         select agent_user_id, client_ip, minute from refusal_windows
         where minute < $1::timestamptz limit $2 for update skip locked)
       returning minute`,
      [new Date(now.getTime() - KEPT_MS).toISOString(), limit],
    )
    return rows.length
  }
}
