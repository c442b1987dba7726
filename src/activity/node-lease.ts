import { randomUUID } from 'node:crypto'
import type { Database } from '../platform/database.ts'

const LEASE = '2 minutes'
const RENEW_AFTER_MS = 30_000

/**
 * A small number that this process holds while it lives, by the database's clock.
 *
 * It keeps two processes from writing the same rollup rows. Should a lease run out under a process that was
 * stopped for long, both write the same rows for a while: slower, still right, since they only add.
 */
export class NodeLease {
  readonly #database: Database
  readonly #holder = randomUUID()
  #id: number | undefined
  #renewedAt = Number.NEGATIVE_INFINITY

  constructor(database: Database) {
    this.#database = database
  }

  /** The number, taken at the first call and renewed by later ones. */
  async id(): Promise<number> {
    const now = performance.now()
    if (this.#id === undefined || now - this.#renewedAt > RENEW_AFTER_MS) {
      this.#id = (await this.#renew()) ?? (await this.#take())
      this.#renewedAt = now
    }
    return this.#id
  }

  /** Gives the number back, so that the next start takes it over. */
  async release(): Promise<void> {
    if (this.#id === undefined) return
    // Before now: the column's milliseconds round up as well as down, and who starts next must find it free.
    await this.#database.query(
      "update nodes set leased_until = now() - interval '1 second' where id = $1 and holder = $2",
      [this.#id, this.#holder],
    )
    this.#id = undefined
  }

  /** Deletes numbers that nobody has held for a day, by the database's clock. @returns how many, at most `limit` */
  async deleteUnused(limit: number): Promise<number> {
    const rows = await this.#database.query(
      `delete from nodes where id in (
         select id from nodes where leased_until < now() - interval '1 day' limit $1 for update skip locked)
       returning id`,
      [limit],
    )
    return rows.length
  }

  async #renew(): Promise<number | undefined> {
    const rows = await this.#database.query<{ id: number }>(
      `update nodes set leased_until = now() + interval '${LEASE}' where holder = $1 returning id`,
      [this.#holder],
    )
    return rows[0]?.id
  }

  async #take(): Promise<number> {
    const free = await this.#database.query<{ id: number }>(
      `update nodes set holder = $1, leased_until = now() + interval '${LEASE}'
       where id = (select id from nodes where leased_until < now() order by id limit 1 for update skip locked)
       returning id`,
      [this.#holder],
    )
    if (free[0]) return free[0].id
    // Two that read the same highest number: one inserts it, the other finds it taken and reads again.
    for (;;) {
      const made = await this.#database.query<{ id: number }>(
        `insert into nodes (id, holder, leased_until)
         select coalesce(max(id), 0) + 1, $1, now() + interval '${LEASE}' from nodes
         on conflict (id) do nothing returning id`,
        [this.#holder],
      )
      if (made[0]) return made[0].id
    }
  }
}
