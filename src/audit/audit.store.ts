import { assertExportable, EXPORT_LIMIT } from '../http/exports.ts'
import { isUuid } from '../http/ids.ts'
import {
  PAGES_REACH,
  type Page,
  type PageRequest,
  type Position,
  positionByTime,
  readPage,
} from '../http/pagination.ts'
import { type Database, instantOf } from '../platform/database.ts'
import type { AuditFilter } from './audit.schema.ts'
import type { AuditEvent } from './audit-event.entity.ts'

/** Whose trail: a project's, that of an organization itself, or that of somebody's account, which is in neither. */
export type TrailOf =
  | { readonly projectId: string }
  | { readonly organizationId: string }
  | { readonly accountId: string }

type StoredEvent = Omit<AuditEvent, 'createdAt'> & { createdAt: string }

const CHUNK = 1_000
const COLUMNS = `id, project_id as "projectId", organization_id as "organizationId", actor_type as "actorType",
  actor_id as "actorId", actor_name as "actorName", action, target_type as "targetType", target_id as "targetId",
  target_name as "targetName", client_ip as "clientIp", before, after, created_at as "createdAt"`

/** Reads the audit trail, which `AuditTrail` writes, and deletes of it what is past its time. */
export class AuditStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** A page of events, newest first; how many there are is exact up to 10,000. */
  async list(trail: TrailOf, query: AuditFilter & PageRequest): Promise<Page<AuditEvent>> {
    const source = {
      count: () => this.#count(trail, query, PAGES_REACH + 1),
      read: (limit: number, offset: number, after: Position | undefined) =>
        this.#read(trail, query, { limit, offset, after }),
      position: positionByTime,
    }
    return readPage<AuditEvent>(query, source, true)
  }

  /**
   * The events of an export, in chunks read by key: nothing is held open between them.
   * @throws Problem `too_many_rows`, before the first event
   */
  async export(trail: TrailOf, filter: AuditFilter): Promise<AsyncIterable<AuditEvent[]>> {
    await assertExportable(upTo => this.#count(trail, filter, upTo))
    return this.#chunks(trail, filter)
  }

  async *#chunks(trail: TrailOf, filter: AuditFilter): AsyncGenerator<AuditEvent[]> {
    let after: Position | undefined
    for (let sent = 0; sent < EXPORT_LIMIT; ) {
      const limit = Math.min(CHUNK, EXPORT_LIMIT - sent)
      const events = await this.#read(trail, filter, { limit, offset: 0, after })
      const last = events.at(-1)
      if (!last) return
      yield events
      sent += events.length
      after = positionByTime(last)
    }
  }

  async #count(trail: TrailOf, filter: AuditFilter, upTo?: number): Promise<number> {
    const { where, parameters } = conditions(trail, filter)
    const matching = `select 1 from audit_events where ${where}${upTo === undefined ? '' : ` limit ${upTo}`}`
    const [counted] = await this.#database.read<{ total: number }>(
      `select count(*)::int as total from (${matching}) as matching`,
      parameters,
    )
    return counted?.total ?? 0
  }

  async #read(
    trail: TrailOf,
    filter: AuditFilter,
    { limit, offset, after }: { limit: number; offset: number; after: Position | undefined },
  ): Promise<AuditEvent[]> {
    const { where, parameters } = conditions(trail, filter)
    const beyond = after
      ? ` and (created_at, id) < ($${parameters.push(after.key)}::timestamptz, $${parameters.push(after.id)}::uuid)`
      : ''
    const rows = await this.#database.read<StoredEvent>(
      `select ${COLUMNS} from audit_events where ${where}${beyond}
       order by created_at desc, id desc limit ${limit} offset ${offset}`,
      parameters,
    )
    return rows.map(row => ({ ...row, createdAt: instantOf(row.createdAt) }))
  }

  /** Deletes events of before a time. @returns how many, at most `limit` */
  async deleteBefore(time: Date, limit: number): Promise<number> {
    return this.#database.deletePast('audit_events', 'created_at', time, limit)
  }
}

function conditions(trail: TrailOf, filter: AuditFilter): { where: string; parameters: unknown[] } {
  const parameters: unknown[] = []
  const bind = (value: unknown): string => `$${parameters.push(value)}`
  const where = [within(trail, bind)]
  const { action, actor, target } = filter
  if (action) {
    const all = action.filter(one => one.endsWith('.*')).map(one => one.slice(0, -1))
    where.push(`(action = any(${bind(action)}::text[])
      or exists (select from unnest(${bind(all)}::text[]) as beginning where starts_with(action, beginning)))`)
  }
  if (filter.actor_type) where.push(`actor_type = ${bind(filter.actor_type)}`)
  if (filter.target_type) where.push(`target_type = ${bind(filter.target_type)}`)
  if (actor) where.push(`(actor_id = ${bind(actor.toLowerCase())} or ${contains('actor_name', bind(actor))})`)
  if (target)
    where.push(
      `(target_id = ${bind(isUuid(target) ? target : null)}::uuid or ${contains('target_name', bind(target))})`,
    )
  if (filter.start_date) where.push(`created_at >= ${bind(filter.start_date.toISOString())}::timestamptz`)
  if (filter.end_date) where.push(`created_at < ${bind(filter.end_date.toISOString())}::timestamptz`)
  return { where: where.join(' and '), parameters }
}

function within(trail: TrailOf, bind: (value: unknown) => string): string {
  if ('projectId' in trail) return `project_id = ${bind(trail.projectId)}`
  if ('organizationId' in trail) return `organization_id = ${bind(trail.organizationId)}`
  return `target_id = ${bind(trail.accountId)} and target_type = 'user' and organization_id is null and project_id is null`
}

function contains(column: string, parameter: string): string {
  return `strpos(lower(${column}), lower(${parameter}::text)) > 0`
}
