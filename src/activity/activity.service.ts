import type { Principal } from '../access/principal.ts'
import { notFound, Problem } from '../http/problems.ts'
import type { Clock } from '../platform/clock.ts'
import type { ExportQuery, LogQuery } from './activity.schema.ts'
import type { ActivityRow, ActivityStore, KnownAgent, KnownPass, Position, Reach } from './activity.store.ts'

const DAY_MS = 86_400_000
/** Up to here the number of matches is exact. */
const COUNTED_UP_TO = 10_000
/** An export has no more rows. */
export const EXPORT_LIMIT = 10_000
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
   * @throws Problem `not_found` for every other, whether it exists or not
   */
  async visibleAgent(principal: Principal, agentUserId: string): Promise<KnownAgent> {
    const seesProject = principal.kind !== 'pass' || principal.tokenScopes.has('passes:read')
    if (!seesProject && principal.agentUserId !== agentUserId) throw notFound()
    const agent = await this.#store.agent(reachOf(principal), agentUserId, this.#keptSince())
    if (!agent) throw notFound()
    return agent
  }

  /** The passes of a project, and those deleted ones whose activity is still kept. */
  passes(projectId: string): Promise<KnownPass[]> {
    return this.#store.passes(projectId, this.#keptSince())
  }

  #keptSince(): Date {
    return new Date(this.#clock.now() - this.#retentionDays * DAY_MS)
  }

  /** @throws Problem `validation_failed` for a cursor that this server did not make */
  async logs(agents: readonly string[], query: LogQuery): Promise<LogPage> {
    const { page, per_page: perPage, cursor } = query
    const position = cursor === undefined ? undefined : decodeCursor(cursor)
    const [rows, counted] = await Promise.all([
      position
        ? this.#store.after(agents, query, perPage + 1, position)
        : this.#store.page(agents, query, perPage + 1, (page - 1) * perPage),
      this.#store.count(agents, query, COUNTED_UP_TO + 1),
    ])
    const logs = rows.slice(0, perPage)
    const last = logs.at(-1)
    const more = rows.length > perPage && query.sort_by === 'started_at'
    return {
      logs,
      page,
      perPage,
      total: Math.min(counted, COUNTED_UP_TO),
      totalCapped: counted > COUNTED_UP_TO,
      nextCursor: more && last ? encodeCursor({ startedAt: last.started_at, id: last.id }) : null,
    }
  }

  /**
   * The rows of an export, in chunks read by key: nothing is held open between them.
   * @throws Problem `too_many_rows`, before the first row
   */
  async export(agents: readonly string[], query: ExportQuery): Promise<AsyncIterable<ActivityRow[]>> {
    if ((await this.#store.count(agents, query, EXPORT_LIMIT + 1)) > EXPORT_LIMIT) {
      const rows = await this.#store.count(agents, query)
      throw new Problem(
        'too_many_rows',
        `${rows} rows match and an export has ${EXPORT_LIMIT} at most. Narrow start_date and end_date and export in parts.`,
        undefined,
        { rows, limit: EXPORT_LIMIT },
      )
    }
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
      position = { startedAt: last.started_at, id: last.id }
    }
  }

  // Another order than by time has no key to go on from; read whole, it is at most the export's limit.
  async *#chunksByOffset(agents: readonly string[], query: ExportQuery): AsyncIterable<ActivityRow[]> {
    yield await this.#store.page(agents, query, EXPORT_LIMIT, 0)
  }
}

function encodeCursor(position: Position): string {
  return Buffer.from(`${position.startedAt.toISOString()} ${position.id}`).toString('base64url')
}

const CURSOR = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

function decodeCursor(cursor: string): Position {
  const [, startedAt, id] = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? []
  const instant = new Date(startedAt ?? '')
  // No row is older than 1970; the database cannot read every year that the form allows.
  if (id === undefined || !(instant.getTime() >= 0))
    throw new Problem('validation_failed', 'Send the next_cursor of the page before, as it is.', [
      { parameter: 'cursor', detail: 'is not a cursor of this server' },
    ])
  return { startedAt: instant, id }
}

function reachOf(principal: Principal): Reach {
  if (principal.kind !== 'user') return { projectId: principal.projectId }
  const { onlyProjectId, roles } = principal
  return onlyProjectId === undefined ? { organizationIds: [...roles.keys()] } : { projectId: onlyProjectId }
}
