import type { Database } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'

const WEEK_MS = 7 * 86_400_000
// 1970-01-05 was a Monday.
const FIRST_MONDAY_MS = 4 * 86_400_000
const PARTITION_LOCK = 7_265_014
const DROP_LOCK_TIMEOUT = '1s'

/**
 * The weekly partitions of the activity table.
 *
 * The week of now and the next one are made before the first row of a week is written. A row for which there is
 * none goes to `activity_default`, so that a clock that jumps costs order, never a record.
 */
export class Partitions {
  readonly #database: Database
  readonly #logger: Logger
  readonly #onFault: () => void
  #ensuredWeek: number | undefined

  /** @param onFault told of each partition that could not be made */
  constructor(database: Database, logger: Logger, onFault: () => void = () => {}) {
    this.#onFault = onFault
    this.#database = database
    this.#logger = logger
  }

  /** @param now milliseconds since the epoch */
  async ensure(now: number): Promise<void> {
    const week = Math.floor((now - FIRST_MONDAY_MS) / WEEK_MS)
    if (week === this.#ensuredWeek) return
    for (const index of [week, week + 1]) await this.#create(FIRST_MONDAY_MS + index * WEEK_MS)
    this.#ensuredWeek = week
  }

  /** How many there are, and how many rows (counted up to 1,000) none of them had a place for. */
  async counts(): Promise<{ readonly weekly: number; readonly defaultRows: number }> {
    const [counts] = await this.#database.query<{ weekly: number; defaultRows: number }>(
      `select (select count(*)::int - 1 from pg_inherits where inhparent = 'activity'::regclass) as weekly,
         (select count(*)::int from (select from activity_default limit 1000) as misplaced) as "defaultRows"`,
    )
    return counts ?? { weekly: 0, defaultRows: 0 }
  }

  /**
   * Drops the weeks of which every row started before `cutoff`, and deletes such rows from the default partition.
   * Rollups stay.
   * @returns how many rows of the default partition it deleted, at most `limit`
   */
  async dropBefore(cutoff: Date, limit: number): Promise<number> {
    const partitions = await this.#database.query<{ name: string }>(
      `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
       where i.inhparent = 'activity'::regclass order by 1`,
    )
    for (const { name } of partitions) {
      const start = weekStartOf(name)
      if (start !== undefined && start + WEEK_MS <= cutoff.getTime()) await this.#drop(name)
    }
    const rows = await this.#database.query(
      `delete from activity_default where (agent_user_id, started_at, id) in (
         select agent_user_id, started_at, id from activity_default where started_at < $1::timestamptz limit $2)
       returning id`,
      [cutoff.toISOString(), limit],
    )
    return rows.length
  }

  async #drop(name: string): Promise<void> {
    await this.#database.em().transactional(async em => {
      // Whoever waits for the table holds up all who come after: rather give up, and try again at the next turn.
      await em.execute(`set local lock_timeout = '${DROP_LOCK_TIMEOUT}'`)
      await em.execute(`select pg_advisory_xact_lock(${PARTITION_LOCK})`)
      await em.execute(`drop table if exists ${name}`)
    })
    this.#logger.info({ partition: name }, 'a week of activity was dropped: it is past the retention period')
  }

  async #create(weekStart: number): Promise<void> {
    const from = new Date(weekStart).toISOString()
    const to = new Date(weekStart + WEEK_MS).toISOString()
    const name = `activity_${from.slice(0, 10).replaceAll('-', '')}`
    try {
      await this.#database.em().transactional(async em => {
        await em.execute(`select pg_advisory_xact_lock(${PARTITION_LOCK})`)
        await em.execute(
          `create table if not exists ${name} partition of activity for values from ('${from}') to ('${to}')`,
        )
      })
    } catch (error) {
      // Rows of that week are in the default partition already, where they are found just as well.
      this.#onFault()
      this.#logger.warn({ err: error, partition: name }, 'a partition could not be made')
    }
  }
}

/** Milliseconds since the epoch; undefined for a table that is no week's. */
function weekStartOf(partition: string): number | undefined {
  const [, year, month, day] = /^activity_(\d{4})(\d\d)(\d\d)$/.exec(partition) ?? []
  return year === undefined ? undefined : Date.parse(`${year}-${month}-${day}T00:00:00.000Z`)
}
