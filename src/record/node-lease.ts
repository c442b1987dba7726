import { randomUUID } from 'node:crypto'
import { type Database, type EntityManager, instantOf } from '../platform/database.ts'
import type { ActivityType } from './kinds.ts'
import type { CountedRow } from './totals.ts'

const LEASE = '15 seconds'
const RENEW_AFTER_MS = 5_000
/** In `record_batch` as well: shared by each commit of a node, and held alone by who takes its number over. */
const NODE_LOCK = 7_265_016
/** How far a row's end can lie before the time of the mark that it is behind: the recorder sees to it. */
export const MARK_SLACK_MS = 60_000

/** A number that this process holds, and what it takes over with it. */
export interface HeldNode {
  readonly node: number
  /** Who holds it: each time that it is taken another. */
  readonly holder: string
  /** The last batch that was written under the number. */
  readonly lastBatch: number
  /** Rows behind the mark: written under this number, and in no sum yet. */
  readonly behind: readonly CountedRow[]
  /** Rows behind the mark ended after this, or a little before; milliseconds since the epoch. */
  readonly markedAt: number
}

/**
 * A small number that this process holds while it lives, by the database's clock: the sums of one node are written by it
 * alone, and what a process that was killed had not added up is added up by whoever takes its number over.
 *
 * A process that was stopped for so long that its lease ran out has its next commit refused, and takes a number anew.
 */
export class NodeLease {
  readonly #database: Database
  #held: HeldNode | undefined
  /** The number that was given up in doubt: it is taken again first, for what was written under it. */
  #doubted: HeldNode | undefined
  #renewedAt = Number.NEGATIVE_INFINITY
  /** Several ask at once, and there is to be one number. */
  #asking: Promise<HeldNode> | undefined

  constructor(database: Database) {
    this.#database = database
  }

  /** The number, taken at the first call and renewed by later ones. Another object means that it was taken anew. */
  current(): Promise<HeldNode> {
    this.#asking ??= this.#current().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #current(): Promise<HeldNode> {
    const now = performance.now()
    if (this.#held && now - this.#renewedAt > RENEW_AFTER_MS && !(await this.#renew(this.#held)))
      this.#held = undefined
    this.#held ??= await this.#take()
    if (now - this.#renewedAt > RENEW_AFTER_MS) this.#renewedAt = now
    return this.#held
  }

  /** Keeps the number while this process lives, also where it has nothing to record. */
  async renew(): Promise<void> {
    if (this.#held) await this.current()
  }

  /**
   * A number is held no more, or it is in doubt what was written under it: the next call of `current` takes one anew. Of one
   * that was given up before nothing is left to do.
   */
  abandon(held: HeldNode): void {
    if (this.#held !== held) return
    this.#doubted = held
    this.#held = undefined
  }

  /** Gives the number back when all under it is added up, so that the next start takes it over. */
  async release(): Promise<void> {
    if (!this.#held) return
    // Before now: the column's milliseconds round up as well as down, and who starts next must find it free.
    await this.#database.query(
      `update nodes set leased_until = now() - interval '1 second', settled = true where id = $1 and holder = $2`,
      [this.#held.node, this.#held.holder],
    )
    this.#held = undefined
  }

  /** Takes the number of a node that has died with rows behind its mark; undefined when there is none. */
  async takeUnsettled(): Promise<HeldNode | undefined> {
    return this.#database.em().transactional(async em => {
      const [dead]: { id: number }[] = await em.execute(
        `select id from nodes where leased_until < now() and not settled order by id limit 1 for update skip locked`,
      )
      return dead && this.#takeLocked(em, dead.id, randomUUID())
    })
  }

  /** All under a number that was taken from a dead node is added up: it is free. */
  async settle({ node, holder }: HeldNode): Promise<void> {
    await this.#database.query(
      `update nodes set leased_until = now() - interval '1 second', settled = true where id = $1 and holder = $2`,
      [node, holder],
    )
  }

  /** Ends every lease: for the database that one process has for itself, where whoever held one is dead. */
  async endAll(): Promise<void> {
    await this.#database.query("update nodes set leased_until = now() - interval '1 second'")
  }

  /** Deletes numbers that nobody has held for a day, by the database's clock. @returns how many, at most `limit` */
  async deleteUnused(limit: number): Promise<number> {
    const rows = await this.#database.query(
      `delete from nodes where id in (
         select id from nodes where leased_until < now() - interval '1 day' and settled limit $1 for update skip locked)
       returning id`,
      [limit],
    )
    return rows.length
  }

  async #renew({ node, holder }: HeldNode): Promise<boolean> {
    const rows = await this.#database.query(
      `update nodes set leased_until = now() + interval '${LEASE}' where id = $1 and holder = $2 returning id`,
      [node, holder],
    )
    return rows.length > 0
  }

  async #take(): Promise<HeldNode> {
    const holder = randomUUID()
    const free = await this.#database.em().transactional(async em => {
      const doubted = this.#doubted
      const [own]: { id: number }[] = doubted
        ? await em.execute('select id from nodes where id = ? and holder = ? for update', [
            doubted.node,
            doubted.holder,
          ])
        : []
      const [found]: { id: number }[] = own
        ? [own]
        : await em.execute(
            'select id from nodes where leased_until < now() order by id limit 1 for update skip locked',
          )
      return found && this.#takeLocked(em, found.id, holder)
    })
    this.#doubted = undefined
    if (free) return free
    // Two that read the same highest number: one inserts it, the other finds it taken and reads again.
    for (;;) {
      const [made] = await this.#database.query<{ id: number }>(
        `insert into nodes (id, holder, leased_until, settled)
         select coalesce(max(id), 0) + 1, $1, now() + interval '${LEASE}', false from nodes
         on conflict (id) do nothing returning id`,
        [holder],
      )
      if (made) return { node: made.id, holder, lastBatch: 0, behind: [], markedAt: Number.POSITIVE_INFINITY }
    }
  }

  /** Takes a number whose row is locked, with what is behind its mark. */
  async #takeLocked(em: EntityManager, node: number, holder: string): Promise<HeldNode> {
    const [taken]: { mark: string; markedAt: string | null }[] = await em.execute(
      `update nodes set holder = ?, leased_until = now() + interval '${LEASE}', settled = false where id = ?
       returning mark, marked_at as "markedAt"`,
      [holder, node],
    )
    // Whoever still commits under the number has looked at the holder before: it is waited for, and its rows are seen.
    await em.execute(`select pg_advisory_xact_lock(${NODE_LOCK}, ?)`, [node])
    const mark = Number(taken?.mark ?? 0)
    const markedAt = taken?.markedAt ? instantOf(taken.markedAt).getTime() : Number.NEGATIVE_INFINITY
    const oldest = taken?.markedAt ? new Date(markedAt - MARK_SLACK_MS).toISOString() : '-infinity'
    const rows: BehindRow[] = await em.execute(
      `select batch, agent_user_id as "agentUserId", activity_type as "activityType", endpoint,
         status_code as "statusCode", success, client_ip as "clientIp", duration_ms as "durationMs",
         started_at as "startedAt", completed_at as "completedAt", metadata->>'secret_id' as "secretId"
       from activity where completed_at >= ?::timestamptz and node = ? and batch > ? order by batch, completed_at`,
      [oldest, node, mark],
    )
    const lastBatch = rows.reduce((last, row) => Math.max(last, Number(row.batch)), mark)
    return { node, holder, lastBatch, behind: rows.map(countedRow), markedAt }
  }
}

interface BehindRow extends Omit<CountedRow, 'startedAt' | 'completedAt' | 'secretId'> {
  readonly batch: string
  readonly activityType: ActivityType
  readonly startedAt: string
  readonly completedAt: string
  readonly secretId: string | null
}

function countedRow({ batch: _batch, startedAt, completedAt, secretId, ...row }: BehindRow): CountedRow {
  return {
    ...row,
    startedAt: instantOf(startedAt).getTime(),
    completedAt: instantOf(completedAt).getTime(),
    secretId: secretId ?? undefined,
  }
}
