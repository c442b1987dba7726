import { type Database, instantOf } from '../platform/database.ts'
import type { LogFilter, LogSortField } from './activity.schema.ts'
import type { ActivityType } from './kinds.ts'

/** A row of the log. */
export interface ActivityRow {
  readonly id: string
  readonly agent_user_id: string
  readonly activity_type: ActivityType
  readonly endpoint: string
  readonly http_method: string
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

/** Where a page begins: after this row, in the order of the query. */
export interface Position {
  readonly startedAt: Date
  readonly id: string
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

/** Reads the activity rows; only the recorder writes them. */
export class ActivityStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /**
   * An agent of a project, or of any that some organizations have or had: of a pass, or of one that was deleted since
   * `tombstonesSince`.
   * @returns undefined for an agent that is out of reach
   */
  async agent(reach: Reach, agentUserId: string, tombstonesSince: Date): Promise<KnownAgent | undefined> {
    const [within, of] =
      'projectId' in reach
        ? ['= $2', reach.projectId]
        : [
            `in (select id from projects where organization_id = any($2::uuid[])
               union all select id from project_tombstones where organization_id = any($2::uuid[]))`,
            reach.organizationIds,
          ]
    const rows = await this.#database.query<KnownAgent>(
      `select agent_id as "agentUserId", pass_id as "passId"
       from passes where agent_id = $1 and project_id ${within}
       union all
       select agent_user_id, pass_id
       from tombstones where agent_user_id = $1 and project_id ${within} and deleted_at > $3::timestamptz`,
      [agentUserId, of, tombstonesSince.toISOString()],
    )
    return rows[0]
  }

  /** The passes of a project, and those that were deleted since `tombstonesSince`. */
  passes(projectId: string, tombstonesSince: Date): Promise<KnownPass[]> {
    return this.#database.query<KnownPass>(
      `select id, agent_id as "agentUserId", pass_id as "passId", title, false as deleted
       from passes where project_id = $1
       union all
       select sentinel_pass_id, agent_user_id, pass_id, title, true
       from tombstones where project_id = $1 and deleted_at > $2::timestamptz`,
      [projectId, tombstonesSince.toISOString()],
    )
  }

  /** How many rows of some agents match, counted no further than `limit`. */
  async count(agents: readonly string[], filter: LogFilter, limit?: number): Promise<number> {
    const { where, parameters } = conditions(agents, filter)
    const inner = `select 1 from activity where agent_user_id = any($1::uuid[])${where}${limit === undefined ? '' : ` limit ${limit}`}`
    const rows = await this.#database.query<{ total: number }>(
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
    const { where, parameters } = conditions(agents, filter)
    return this.#rows(where, parameters, order(filter.sort_by, filter.sort_order), limit, offset)
  }

  /** The rows after a position, in the order of `started_at`: as cheap on the last page as on the first. */
  async after(
    agents: readonly string[],
    filter: LogFilter,
    limit: number,
    position: Position | undefined,
  ): Promise<ActivityRow[]> {
    const { where, parameters } = conditions(agents, filter)
    const beyond = filter.sort_order === 'asc' ? '>' : '<'
    const keyset = position
      ? ` and (started_at, id) ${beyond} ($${parameters.push(position.startedAt.toISOString())}::timestamptz,
          $${parameters.push(position.id)}::uuid)`
      : ''
    return this.#rows(where + keyset, parameters, order('started_at', filter.sort_order), limit, 0)
  }

  // The key begins with the agent: each gives as many rows as the page could take of it, and these are merged.
  async #rows(
    where: string,
    parameters: readonly unknown[],
    orderBy: string,
    limit: number,
    offset: number,
  ): Promise<ActivityRow[]> {
    const rows = await this.#database.query<StoredActivity>(
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

function order(column: LogSortField, direction: 'asc' | 'desc'): string {
  const tieBreak = column === 'started_at' ? '' : `started_at ${direction}, `
  return `${column} ${direction}${column === 'client_ip' ? ' nulls last' : ''}, ${tieBreak}id ${direction}`
}

/** What a row has to be beside one of the agents, which are `$1`. */
function conditions(
  agents: readonly string[],
  filter: LogFilter,
): { readonly where: string; readonly parameters: unknown[] } {
  const parameters: unknown[] = [agents]
  const where: string[] = []
  const add = (condition: string, value: unknown): void => {
    where.push(` and ${condition.replace('?', `$${parameters.push(value)}`)}`)
  }
  if (filter.start_date) add('started_at >= ?::timestamptz', filter.start_date.toISOString())
  if (filter.end_date) add('started_at < ?::timestamptz', filter.end_date.toISOString())
  if (filter.activity_type) add('activity_type = ?', filter.activity_type)
  if (filter.endpoint) add('strpos(endpoint, ?) > 0', filter.endpoint)
  if (filter.success !== undefined) add('success = ?', filter.success)
  return { where: where.join(''), parameters }
}
