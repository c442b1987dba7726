import type { Position } from '../http/pagination.ts'
import type { Database } from '../platform/database.ts'
import { ReadTooLong } from '../platform/errors.ts'
import { FirstKeys, type RowKey } from './first-keys.ts'

/** What a statement is to take, in milliseconds: a grant that comes meanwhile waits for it. */
const SLICE_MS = 3
const [FEWEST_ROWS, FIRST_ROWS, MOST_ROWS] = [50, 250, 2_000]
const AGENTS_AT_ONCE = 64
/** The work that one read may be, in milliseconds; on PostgreSQL a statement has as long. */
const READ_MS = 9_900

/** Which rows: those in a range of time, `range`, that fulfil `matches` as well. Both are SQL, of parameters from `$2` on. */
export interface LogCondition {
  /** What the index narrows, each condition behind ` and `. */
  readonly range: string
  /** What each row in it is examined for. */
  readonly matches: string
  /** `$1` is free for agents. */
  readonly parameters: readonly unknown[]
}

interface Slice {
  readonly agent: string
  readonly examined: number
  readonly found: number
  /** The last row that was examined, at milliseconds since the epoch; null: there was none. */
  readonly lastAt: number | null
  readonly lastId: string | null
  readonly keys: readonly [at: number, id: string, value: RowKey['value']][] | null
  readonly tookMs: number
}

const BEGINNINGS = {
  desc: { key: 'infinity', id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' },
  asc: { key: '-infinity', id: '00000000-0000-0000-0000-000000000000' },
} as const

/**
 * Reads the log in slices: each statement examines so many rows as take a few milliseconds, in the order of the key, and
 * the next goes on behind them. It is for the embedded database, which has one connection, runs in this thread and can
 * be told to give up nothing: whoever comes in between has their turn.
 */
export class SlicedLog {
  readonly #database: Pick<Database, 'read'>
  /** How many rows a slice examines: where they are only counted they cost less than where their keys are read. */
  readonly #rows = { count: FIRST_ROWS, keys: FIRST_ROWS }

  constructor(database: Pick<Database, 'read'>) {
    this.#database = database
  }

  /** How many rows match, counted until there are `limit`. @throws ReadTooLong */
  async count(agents: readonly string[], condition: LogCondition, limit = Number.POSITIVE_INFINITY) {
    const walk = new Walk(agents, BEGINNINGS.desc)
    let counted = 0
    while (counted < limit && walk.goesOn) {
      for (const slice of await this.#slices(walk, condition, 'desc', undefined)) counted += slice.found
    }
    return Math.min(counted, limit)
  }

  /**
   * The keys of the first rows in an order.
   * @param column a column of the table
   * @param position behind which they come, in an order by `started_at`
   * @throws ReadTooLong
   */
  async first(
    agents: readonly string[],
    condition: LogCondition,
    column: string,
    direction: 'asc' | 'desc',
    limit: number,
    position: Position | undefined,
  ): Promise<readonly RowKey[]> {
    const walk = new Walk(agents, position ?? BEGINNINGS[direction])
    const first = new FirstKeys(limit, direction)
    while (walk.goesOn) {
      for (const slice of await this.#slices(walk, condition, direction, column)) {
        const { agent, keys, lastAt, lastId } = slice
        for (const [at, id, value] of keys ?? []) first.add({ agent, at, id, value })
        // In the order of the walk nothing behind the last of the first ones is one of them.
        if (column === 'started_at' && lastAt !== null && lastId !== null && !first.takes(lastAt, lastId))
          walk.end(agent)
      }
    }
    return first.all()
  }

  /** Examines the next rows of the walk. */
  async #slices(
    walk: Walk,
    { range, matches, parameters }: LogCondition,
    direction: 'asc' | 'desc',
    column: string | undefined,
  ): Promise<Slice[]> {
    const places = walk.next(AGENTS_AT_ONCE)
    const kind = column === undefined ? 'count' : 'keys'
    const rows = Math.ceil(this.#rows[kind] / places.length)
    const bound = [...parameters]
    bound[0] = places.map(({ agent }) => agent)
    const at = bound.push(places.map(({ key }) => key))
    const id = bound.push(places.map(place => place.id))
    const each = bound.push(rows)
    const order = `started_at ${direction}, id ${direction}`
    const value = column === undefined || column === 'started_at' ? 'null::text' : column
    const keys =
      column === undefined
        ? 'null::json'
        : `json_agg(json_build_array(${milliseconds('started_at')}, id, value) order by ${order}) filter (where matches)`
    // Each agent begins behind a row, even at its first: a condition that may be missing would keep the index from being
    // used. The limit is one that the planner cannot see: it knows little of an embedded database, which nothing
    // analyzes, and where it takes the limit for most of what there is it reads and sorts all of the log each time.
    const slices = await this.#database.read<Slice>(
      `select agents.agent, own.*,
         1000 * extract(epoch from clock_timestamp() - statement_timestamp())::float8 as "tookMs"
       from unnest($1::uuid[], $${at}::text[]::timestamptz[], $${id}::uuid[]) as agents(agent, started_at, id)
       cross join lateral (
         select count(*)::int as examined, count(*) filter (where matches)::int as found,
           ${milliseconds(`(array_agg(started_at order by ${order}))[count(*)]`)} as "lastAt",
           (array_agg(id order by ${order}))[count(*)] as "lastId", ${keys} as keys
         from (
           select started_at, id, ${value} as value, (true${matches}) as matches
           from activity where agent_user_id = agents.agent${range}
             and (started_at, id) ${direction === 'asc' ? '>' : '<'} (agents.started_at, agents.id)
           order by ${order} limit (select $${each}::int)
         ) as slice
       ) as own`,
      bound,
    )
    for (const { agent, examined, lastAt, lastId } of slices) {
      if (examined < rows || lastAt === null || lastId === null) walk.end(agent)
      else walk.move(agent, { key: new Date(lastAt).toISOString(), id: lastId })
    }
    const tookMs = Math.max(...slices.map(slice => slice.tookMs))
    this.#adapt(kind, tookMs)
    walk.work(tookMs)
    return slices
  }

  // By the database's own clock: what was waited for the connection is not its work.
  #adapt(kind: 'count' | 'keys', tookMs: number): void {
    const factor = Math.min(2, Math.max(0.5, SLICE_MS / Math.max(tookMs, 0.1)))
    this.#rows[kind] = Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, Math.round(this.#rows[kind] * factor)))
  }
}

/** Where a read is in the log of each agent, and what it has cost. */
class Walk {
  readonly #places: Map<string, Position>
  #workedMs = 0

  constructor(agents: readonly string[], beginning: Position) {
    this.#places = new Map(agents.map(agent => [agent, beginning]))
  }

  get goesOn(): boolean {
    return this.#places.size > 0
  }

  /** Agents that are not at their end. */
  next(most: number) {
    const places = [...this.#places.entries().take(most)]
    return places.map(([agent, { key, id }]) => ({ agent, key, id }))
  }

  move(agent: string, position: Position): void {
    this.#places.set(agent, position)
  }

  end(agent: string): void {
    this.#places.delete(agent)
  }

  /** @throws ReadTooLong where there is more to do than one read may */
  work(milliseconds: number): void {
    this.#workedMs += milliseconds
    if (this.#workedMs > READ_MS && this.goesOn) throw new ReadTooLong(READ_MS, undefined)
  }
}

function milliseconds(instant: string): string {
  return `(extract(epoch from ${instant}) * 1000)::float8`
}
