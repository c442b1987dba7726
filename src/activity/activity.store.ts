import { isUuid } from '../http/ids.ts'
import type { Position } from '../http/pagination.ts'
import { type Database, instantOf } from '../platform/database.ts'
import type { ActivityType } from '../record/kinds.ts'
import type { LogFilter, LogSortField } from './activity.schema.ts'
import type { RowKey } from './first-keys.ts'
import { type LogCondition, SlicedLog } from './sliced-log.ts'

/** A row of the log. */
export interface ActivityRow {
  readonly id: string
  readonly agent_user_id: string
  readonly activity_type: ActivityType
  readonly endpoint: string
  readonly http_method: string | null
  readonly status_code: number
  readonly success: boolean
  readonly client_ip: string | null
  readonly user_agent: string | null
  readonly started_at: Date
  readonly completed_at: Date
  readonly duration_ms: number
  readonly error_message: string | null
  readonly metadata: Record<string, unknown>
}

type StoredActivity = Omit<ActivityRow, 'started_at' | 'completed_at'> & {
  started_at: string
  completed_at: string
}

function activityRow(row: StoredActivity): ActivityRow {
  return { ...row, started_at: instantOf(row.started_at), completed_at: instantOf(row.completed_at) }
}

/** Where an agent is looked for: in a project, or in all that some organizations have or had. */
export type Reach = { readonly projectId: string } | { readonly organizationIds: readonly string[] }

/** The agent behind a pass, live or deleted. */
export interface KnownAgent {
  readonly agentUserId: string
  readonly passId: string
}

/** A pass of a project, live or deleted. */
export interface KnownPass extends KnownAgent {
  readonly id: string
  readonly title: string
  readonly deleted: boolean
}

const COLUMNS = `id, agent_user_id, activity_type, endpoint, http_method, status_code, success, client_ip, user_agent,
  started_at, completed_at, duration_ms, error_message, metadata`

/** As many rows as are read whole by one statement of the embedded database. */
const ROWS_AT_ONCE = 100

/** Reads the activity rows; only the recorder writes them. */
export class ActivityStore {
  readonly #database: Database
  readonly #sliced: SlicedLog | undefined

  constructor(database: Database) {
    this.#database = database
    if (database.kind === 'pglite') this.#sliced = new SlicedLog(database)
  }

  /**
   * The agent of a pass of a project, or of any that some organizations have or had: one that is there, or that was
   * deleted since `tombstonesSince`.
   * @returns several where several passes have, or had, the `passId` that names it; none that is out of reach
   */
  async agents(
    reach: Reach,
    { agentUserId, pass }: { readonly agentUserId?: string | undefined; readonly pass?: string | undefined },
    tombstonesSince: Date,
  ): Promise<KnownAgent[]> {
    const [within, of] =
      'projectId' in reach
        ? ['= $1', reach.projectId]
        : [
            `in (select id from projects where organization_id = any($1::uuid[])
               union all select id from project_tombstones where organization_id = any($1::uuid[]))`,
            reach.organizationIds,
          ]
    return this.#database.query<KnownAgent>(
      `select agent_id as "agentUserId", pass_id as "passId" from passes where project_id ${within}
         and ($3::uuid is null or agent_id = $3) and ($4::text is null or pass_id = $4) and ($5::uuid is null or id = $5)
       union all
       select agent_user_id, pass_id from tombstones where project_id ${within} and deleted_at > $2::timestamptz
         and ($3::uuid is null or agent_user_id = $3) and ($4::text is null or pass_id = $4)
         and ($5::uuid is null or sentinel_pass_id = $5)`,
      [of, tombstonesSince.toISOString(), agentUserId ?? null, ...namesOf(pass)],
    )
  }

  /** The passes of a project, and those that were deleted since `tombstonesSince`. @param pass of these the one, if given */
  passes(projectId: string, tombstonesSince: Date, pass?: string): Promise<KnownPass[]> {
    return this.#database.query<KnownPass>(
      `select id, agent_id as "agentUserId", pass_id as "passId", title, false as deleted
       from passes where project_id = $1 and ($3::text is null or pass_id = $3) and ($4::uuid is null or id = $4)
       union all
       select sentinel_pass_id, agent_user_id, pass_id, title, true
       from tombstones where project_id = $1 and deleted_at > $2::timestamptz
         and ($3::text is null or pass_id = $3) and ($4::uuid is null or sentinel_pass_id = $4)`,
      [projectId, tombstonesSince.toISOString(), ...namesOf(pass)],
    )
  }

  /** How many rows of some agents match, counted no further than `limit`. */
  async count(agents: readonly string[], filter: LogFilter, limit?: number): Promise<number> {
    const condition = conditions(agents, filter)
    if (this.#sliced) return this.#sliced.count(agents, condition, limit)
    const { where, parameters } = condition
    const inner = `select 1 from activity where agent_user_id = any($1::uuid[])${where}${limit === undefined ? '' : ` limit ${limit}`}`
    const rows = await this.#database.read<{ total: number }>(
      `select count(*)::int as total from (${inner}) as matching`,
      parameters,
    )
    return rows[0]?.total ?? 0
  }

  async page(
    agents: readonly string[],
    filter: LogFilter,
    limit: number,
    offset: number,
  ): Promise<ActivityRow[]> {
    const condition = conditions(agents, filter)
    const { sort_by: column, sort_order: direction } = filter
    if (this.#sliced) {
      const upTo = limit + offset
      const keys = await this.#sliced.first(agents, condition, column, direction, upTo, undefined)
      return this.#rowsAt(keys.slice(offset))
    }
    return this.#rows(condition.where, condition.parameters, order(column, direction), limit, offset)
  }

  /** The rows after a position, in the order of `started_at`: as cheap on the last page as on the first. */
  async after(
    agents: readonly string[],
    filter: LogFilter,
    limit: number,
    position: Position | undefined,
  ): Promise<ActivityRow[]> {
    const condition = conditions(agents, filter)
    if (this.#sliced) {
      const { sort_order: direction } = filter
      return this.#rowsAt(
        await this.#sliced.first(agents, condition, 'started_at', direction, limit, position),
      )
    }
    const { where, parameters } = condition
    const beyond = filter.sort_order === 'asc' ? '>' : '<'
    const keyset = position
      ? ` and (started_at, id) ${beyond} ($${parameters.push(position.key)}::timestamptz,
          $${parameters.push(position.id)}::uuid)`
      : ''
    return this.#rows(where + keyset, parameters, order('started_at', filter.sort_order), limit, 0)
  }

  /** The rows that have some keys, in their order. */
  async #rowsAt(keys: readonly RowKey[]): Promise<ActivityRow[]> {
    const rows: ActivityRow[] = []
    for (let from = 0; from < keys.length; from += ROWS_AT_ONCE) {
      const some = keys.slice(from, from + ROWS_AT_ONCE)
      const found = await this.#database.read<StoredActivity>(
        `select own.* from unnest($1::uuid[], $2::text[]::timestamptz[], $3::uuid[]) with ordinality
           as keys(agent, started, key, place)
         cross join lateral (
           select ${COLUMNS} from activity where agent_user_id = agent and started_at = started and id = key limit 1
         ) as own
         order by place`,
        [
          some.map(({ agent }) => agent),
          some.map(({ at }) => new Date(at).toISOString()),
          some.map(({ id }) => id),
        ],
      )
      rows.push(...found.map(activityRow))
    }
    return rows
  }

  // The key begins with the agent: each gives as many rows as the page could take of it, and these are merged.
  async #rows(
    where: string,
    parameters: readonly unknown[],
    orderBy: string,
    limit: number,
    offset: number,
  ): Promise<ActivityRow[]> {
    const rows = await this.#database.read<StoredActivity>(
      `select own.* from unnest($1::uuid[]) as agents(agent) cross join lateral (
         select ${COLUMNS} from activity where agent_user_id = agents.agent${where}
         order by ${orderBy} limit ${limit + offset}
       ) as own
       order by ${orderBy} limit ${limit} offset ${offset}`,
      parameters,
    )
    return rows.map(activityRow)
  }
}

/** What a pass is named by: its `passId`, or its UUID. */
function namesOf(pass: string | undefined): [passId: string | null, id: string | null] {
  if (pass === undefined) return [null, null]
  return isUuid(pass) ? [null, pass] : [pass, null]
}

const NULLABLE: readonly LogSortField[] = ['client_ip', 'http_method']

function order(column: LogSortField, direction: 'asc' | 'desc'): string {
  const tieBreak = column === 'started_at' ? '' : `started_at ${direction}, `
  return `${column} ${direction}${NULLABLE.includes(column) ? ' nulls last' : ''}, ${tieBreak}id ${direction}`
}

/** What a row has to be beside one of the agents, which are `$1`. */
function conditions(
  agents: readonly string[],
  filter: LogFilter,
): LogCondition & { readonly where: string; readonly parameters: unknown[] } {
  const parameters: unknown[] = [agents]
  const bind = (value: unknown): string => `$${parameters.push(value)}`
  const range: string[] = []
  const failures: string[] = []
  const matches: string[] = []
  if (filter.start_date) range.push(`started_at >= ${bind(filter.start_date.toISOString())}::timestamptz`)
  if (filter.end_date) range.push(`started_at < ${bind(filter.end_date.toISOString())}::timestamptz`)
  if (filter.activity_type) matches.push(`activity_type = ${bind(filter.activity_type)}`)
  if (filter.endpoint) matches.push(`strpos(endpoint, ${bind(filter.endpoint)}) > 0`)
  if (filter.status_code) {
    const ranges = filter.status_code.map(
      ({ from, to }) => `status_code between ${bind(from)} and ${bind(to)}`,
    )
    matches.push(`(${ranges.join(' or ')})`)
    // These have an index of their own, in the same order.
    if (filter.status_code.every(({ from }) => from >= 400)) failures.push('status_code >= 400')
  }
  if (filter.http_method) matches.push(`http_method = any(${bind(filter.http_method)}::text[])`)
  if (filter.client_ip) matches.push(`client_ip = ${bind(filter.client_ip)}`)
  if (filter.success !== undefined) matches.push(`success = ${bind(filter.success)}`)
  const and = (all: readonly string[]): string => all.map(condition => ` and ${condition}`).join('')
  return {
    range: and([...range, ...failures]),
    ...{ matches: and(matches), where: and([...range, ...matches]), parameters },
  }
}
