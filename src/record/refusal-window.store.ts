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
    return this.#database.deletePast('refusal_windows', 'minute', new Date(now.getTime() - KEPT_MS), limit)
  }
}
