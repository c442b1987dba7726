import { actsByRole, organizationsOf, type Principal } from '../access/principal.ts'
import { assertExportable, EXPORT_LIMIT } from '../http/exports.ts'
import { encodeCursor, PAGES_REACH, type Position } from '../http/pagination.ts'
import { notFound } from '../http/problems.ts'
import { validationFailed } from '../http/validate.ts'
import type { Clock } from '../platform/clock.ts'
import type { AgentNames, ExportQuery, LogQuery } from './activity.schema.ts'
import type { ActivityRow, ActivityStore, KnownAgent, KnownPass, Reach } from './activity.store.ts'

const DAY_MS = 86_400_000
const EXPORT_CHUNK = 1_000

/** A page of the log. */
export interface LogPage {
  readonly logs: readonly ActivityRow[]
  readonly page: number
  readonly perPage: number
  readonly total: number
  readonly totalCapped: boolean
  readonly nextCursor: string | null
}

/** Reads what agents did. */
export class ActivityService {
  readonly #store: ActivityStore
  readonly #clock: Clock
  readonly #retentionDays: number

  constructor(store: ActivityStore, clock: Clock, retentionDays: number) {
    this.#store = store
    this.#clock = clock
    this.#retentionDays = retentionDays
  }

  /**
   * The agent whose activity is asked for: one of the caller's project, or of the projects of a
   * user's organizations, but one where the user showed an API key as well; for a pass without `passes:read`, itself.
   * @throws Problem `not_found` for every other, whether it exists or not; `validation_failed` for a `passId` that
   * several passes have, of several projects or one after the other
   */
  async visibleAgent(
    principal: Principal,
    { agent_user_id: agentUserId, pass_id: pass }: AgentNames,
  ): Promise<KnownAgent> {
    const [agent, other] = await this.#store.agents(
      reachOf(principal),
      { agentUserId, pass },
      this.#keptSince(),
    )
    const seesProject = principal.kind !== 'pass' || principal.tokenScopes.has('passes:read')
    if (!agent || !(seesProject || principal.agentUserId === agent.agentUserId)) throw notFound()
    if (other)
      throw validationFailed([
        { parameter: 'pass_id', detail: 'is that of several passes: send the UUID of the one' },
      ])
    return agent
  }

  /** The passes of a project, and those deleted ones whose activity is still kept. @param pass the one of them, if given */
  passes(projectId: string, pass?: string): Promise<KnownPass[]> {
    return this.#store.passes(projectId, this.#keptSince(), pass)
  }

  #keptSince(): Date {
    return new Date(this.#clock.now() - this.#retentionDays * DAY_MS)
  }

  /** A page of the rows of some agents. */
  async logs(agents: readonly string[], query: LogQuery): Promise<LogPage> {
    const { page, per_page: perPage, cursor } = query
    const [rows, counted] = await Promise.all([
      cursor
        ? this.#store.after(agents, query, perPage + 1, cursor)
        : this.#store.page(agents, query, perPage + 1, (page - 1) * perPage),
      this.#store.count(agents, query, PAGES_REACH + 1),
    ])
    const logs = rows.slice(0, perPage)
    const last = logs.at(-1)
    const more = rows.length > perPage && query.sort_by === 'started_at'
    return {
      logs,
      page,
      perPage,
      total: Math.min(counted, PAGES_REACH),
      totalCapped: counted > PAGES_REACH,
      nextCursor: more && last ? encodeCursor(positionOf(last)) : null,
    }
  }

  /**
   * The rows of an export, in chunks read by key: nothing is held open between them.
   * @throws Problem `too_many_rows`, before the first row
   */
  async export(agents: readonly string[], query: ExportQuery): Promise<AsyncIterable<ActivityRow[]>> {
    await assertExportable(upTo => this.#store.count(agents, query, upTo))
    return query.sort_by === 'started_at'
      ? this.#chunksByKey(agents, query)
      : this.#chunksByOffset(agents, query)
  }

  async *#chunksByKey(agents: readonly string[], query: ExportQuery): AsyncIterable<ActivityRow[]> {
    let position: Position | undefined
    for (let sent = 0; sent < EXPORT_LIMIT; ) {
      const rows = await this.#store.after(
        agents,
        query,
        Math.min(EXPORT_CHUNK, EXPORT_LIMIT - sent),
        position,
      )
      const last = rows.at(-1)
      if (!last) return
      yield rows
      sent += rows.length
      position = positionOf(last)
    }
  }

  // Another order than by time has no key to go on from; read whole, it is at most the export's limit.
  async *#chunksByOffset(agents: readonly string[], query: ExportQuery): AsyncIterable<ActivityRow[]> {
    yield await this.#store.page(agents, query, EXPORT_LIMIT, 0)
  }
}

function positionOf({ started_at, id }: ActivityRow): Position {
  return { key: started_at.toISOString(), id }
}

function reachOf(principal: Principal): Reach {
  if (!actsByRole(principal)) return { projectId: principal.projectId }
  const { onlyProjectId } = principal
  if (onlyProjectId !== undefined) return { projectId: onlyProjectId }
  const former = principal.kind === 'user' ? principal.formerRoles.keys() : []
  return { organizationIds: [...organizationsOf(principal), ...former] }
}
