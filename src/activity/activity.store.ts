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

/** The agent behind a pass, live or deleted. */
export interface KnownAgent {
  readonly agentUserId: string
  readonly projectId: string
  readonly passId: string
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
   * An agent of a project, or of any project of some organizations: of a pass, or of one that was deleted since `tombstonesSince`.
   * @returns undefined for an agent that is out of reach
   */
  async agent(
    reach: { readonly projectId: string } | { readonly organizationIds: readonly string[] },
    agentUserId: string,
    tombstonesSince: Date,
  ): Promise<KnownAgent | undefined> {
    const [within, of] =
      'projectId' in reach
        ? ['= $2', reach.projectId]
        : ['in (select id from projects where organization_id = any($2::uuid[]))', reach.organizationIds]
    const rows = await this.#database.query<KnownAgent>(
      `select agent_id as "agentUserId", project_id as "projectId", pass_id as "passId"
       from passes where agent_id = $1 and project_id ${within}
       union all
       select agent_user_id, project_id, pass_id
       from tombstones where agent_user_id = $1 and project_id ${within} and deleted_at > $3::timestamptz`,
      [agentUserId, of, tombstonesSince.toISOString()],
    )
    return rows[0]
  }

  /** How many rows match, counted no further than `limit`. */
  async count(filter: LogFilter, limit?: number): Promise<number> {
    const { where, parameters } = conditions(filter)
    const inner = `select 1 from activity where ${where}${limit === undefined ? '' : ` limit ${limit}`}`
    const rows = await this.#database.query<{ total: number }>(
      `select count(*)::int as total from (${inner}) as matching`,
      parameters,
    )
    return rows[0]?.total ?? 0
  }

  async page(filter: LogFilter, limit: number, offset: number): Promise<ActivityRow[]> {
    const { where, parameters } = conditions(filter)
    const rows = await this.#database.query<StoredActivity>(
      `select ${COLUMNS} from activity where ${where}
       order by ${order(filter.sort_by, filter.sort_order)} limit ${limit} offset ${offset}`,
      parameters,
    )
    return rows.map(activityRow)
  }

  /** The rows after a position, in the order of `started_at`: as cheap on the last page as on the first. */
  async after(filter: LogFilter, limit: number, position: Position | undefined): Promise<ActivityRow[]> {
    const { where, parameters } = conditions(filter)
    const beyond = filter.sort_order === 'asc' ? '>' : '<'
    const keyset = position
      ? ` and (started_at, id) ${beyond} ($${parameters.push(position.startedAt.toISOString())}::timestamptz,
          $${parameters.push(position.id)}::uuid)`
      : ''
    const rows = await this.#database.query<StoredActivity>(
      `select ${COLUMNS} from activity where ${where}${keyset}
       order by ${order('started_at', filter.sort_order)} limit ${limit}`,
      parameters,
    )
    return rows.map(activityRow)
  }
}

function order(column: LogSortField, direction: 'asc' | 'desc'): string {
  const tieBreak = column === 'started_at' ? '' : `started_at ${direction}, `
  return `${column} ${direction}${column === 'client_ip' ? ' nulls last' : ''}, ${tieBreak}id ${direction}`
}

function conditions(filter: LogFilter): { where: string; parameters: unknown[] } {
  const parameters: unknown[] = [filter.agent_user_id]
  const bind = (value: unknown): string => `$${parameters.push(value)}`
  const where = ['agent_user_id = $1']
  if (filter.start_date) where.push(`started_at >= ${bind(filter.start_date.toISOString())}::timestamptz`)
  if (filter.end_date) where.push(`started_at < ${bind(filter.end_date.toISOString())}::timestamptz`)
  if (filter.activity_type) where.push(`activity_type = ${bind(filter.activity_type)}`)
  if (filter.endpoint) where.push(`strpos(endpoint, ${bind(filter.endpoint)}) > 0`)
  if (filter.success !== undefined) where.push(`success = ${bind(filter.success)}`)
  return { where: where.join(' and '), parameters }
}
