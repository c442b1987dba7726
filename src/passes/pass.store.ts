import { FlushMode, LockMode } from '@mikro-orm/core'
import { isUuid } from '../http/ids.ts'
import { type Page, readPage } from '../http/pagination.ts'
import type { Clock } from '../platform/clock.ts'
import { type Database, type EntityManager, instantOf } from '../platform/database.ts'
import { type Pass, PassEntity } from './pass.entity.ts'
import type { PassQuery, SortField } from './pass.schema.ts'
import { type PassSecret, PassSecretEntity } from './pass-secret.entity.ts'
import { PassUsageEntity } from './pass-usage.entity.ts'
import { EXPIRING_WITHIN_MS, type PassStatus } from './pass-validity.ts'

/** Uses of one credential of a pass, over all nodes. */
export interface CredentialUse {
  readonly credentialId: string
  readonly uses: number
  readonly lastUsedAt: Date
  readonly lastUsedIp: string | null
}

interface UseRow extends Omit<CredentialUse, 'lastUsedAt'> {
  readonly agentUserId: string
  readonly lastUsedAt: string
}

/** A pass with what belongs to it, as it is presented. */
export interface PassView {
  readonly pass: Pass
  readonly organizationName: string
  readonly secrets: readonly PassSecret[]
  readonly uses: readonly CredentialUse[]
}

const SORT_COLUMNS: Readonly<Record<SortField, string>> = {
  createdAt: 'p.created_at',
  updatedAt: 'p.updated_at',
  title: 'lower(p.title)',
  validUntil: 'p.valid_until',
  lastUsedAt: '(select max(u.last_used_at) from pass_usage u where u.agent_user_id = p.agent_id)',
  usageCount: '(select coalesce(sum(u.uses), 0) from pass_usage u where u.agent_user_id = p.agent_id)',
}

// The same order of rules as passStatus: each excludes those before it.
const STATUS_CONDITIONS: Readonly<Record<PassStatus, string>> = {
  inactive: 'not p.active',
  expired: 'p.active and p.valid_until <= :now',
  scheduled: 'p.active and (p.valid_until is null or p.valid_until > :now) and p.valid_from > :now',
  expiring: 'p.active and p.valid_from <= :now and p.valid_until > :now and p.valid_until <= :soon',
  active: 'p.active and p.valid_from <= :now and (p.valid_until is null or p.valid_until > :soon)',
}

/** Passes and their secrets in the database. */
export class PassStore {
  readonly #database: Database
  readonly #clock: Clock

  constructor(database: Database, clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  /** @param id the pass's UUID or its `passId` */
  async find(em: EntityManager, projectId: string, id: string): Promise<Pass | null> {
    // A look-up writes nothing of what is about to be made: who lost a race is to be told so by whoever writes it.
    return em.findOne(PassEntity, { project: projectId, ...byId(id) }, { flushMode: FlushMode.COMMIT })
  }

  /** The same, held against every other change until the transaction ends. */
  async findLocked(em: EntityManager, projectId: string, id: string): Promise<Pass | null> {
    return em.findOne(
      PassEntity,
      { project: projectId, ...byId(id) },
      { lockMode: LockMode.PESSIMISTIC_WRITE },
    )
  }

  /** Removes what counted the uses of an agent's pass. */
  async deleteUsage(em: EntityManager, agentUserId: string): Promise<void> {
    await em.nativeDelete(PassUsageEntity, { agentUserId })
  }

  async secrets(em: EntityManager, passId: string): Promise<PassSecret[]> {
    return em.find(PassSecretEntity, { pass: passId }, { orderBy: { createdAt: 'desc', id: 'desc' } })
  }

  /** A pass that was made in this transaction: nobody has used it. */
  async viewOfNew(em: EntityManager, pass: Pass, secrets: PassSecret[]): Promise<PassView> {
    const [organization]: { name: string }[] = await em.execute(
      'select o.name from organizations o join projects j on j.organization_id = o.id where j.id = ?',
      [pass.project.id],
    )
    return { pass, organizationName: organization?.name ?? '', secrets, uses: [] }
  }

  /** @returns undefined when the project has no such pass */
  async view(projectId: string, id: string): Promise<PassView | undefined> {
    const pass = await this.find(this.#database.em(), projectId, id)
    return pass ? (await this.#views(projectId, [pass]))[0] : undefined
  }

  async list(projectId: string, query: PassQuery): Promise<Page<PassView>> {
    const now = this.#clock.now()
    const parameters: unknown[] = [projectId]
    const bind = (value: unknown): string => `$${parameters.push(value)}`
    const conditions = ['p.project_id = $1']
    if (query.active !== undefined) conditions.push(`p.active = ${bind(query.active)}`)
    if (query.credential_type) conditions.push(`p.credential_type = ${bind(query.credential_type)}`)
    if (query.search) conditions.push(`p.title ilike ${bind(`%${query.search.replace(/[\\%_]/g, '\\$&')}%`)}`)
    if (query.tags?.length) conditions.push(`p.tags @> ${bind(query.tags)}::text[]`)
    if (query.status) {
      const at = (milliseconds: number) => `${bind(new Date(milliseconds).toISOString())}::timestamptz`
      const condition = STATUS_CONDITIONS[query.status]
      conditions.push(
        condition.replace(/:now|:soon/g, name => at(name === ':now' ? now : now + EXPIRING_WITHIN_MS)),
      )
    }
    const where = conditions.join(' and ')
    const direction = query.sort_order === 'asc' ? 'asc' : 'desc'
    const beyond = direction === 'asc' ? '>' : '<'
    return readPage(query, {
      count: async () => {
        const [counted] = await this.#database.query<{ total: number }>(
          `select count(*)::int as total from passes p where ${where}`,
          parameters,
        )
        return counted?.total ?? 0
      },
      read: async (limit, offset, after) => {
        const ids = await this.#database.query<{ id: string }>(
          `select p.id from passes p where ${where}
             ${after ? `and (p.created_at, p.id) ${beyond} ($${parameters.length + 1}::timestamptz, $${parameters.length + 2}::uuid)` : ''}
           order by ${SORT_COLUMNS[query.sort_by]} ${direction} nulls last, p.id ${direction}
           limit ${limit} offset ${offset}`,
          after ? [...parameters, after.key, after.id] : parameters,
        )
        const found = await this.#database.em().find(PassEntity, { id: { $in: ids.map(row => row.id) } })
        const byKey = new Map(found.map(pass => [pass.id, pass]))
        return this.#views(
          projectId,
          ids.flatMap(row => byKey.get(row.id) ?? []),
        )
      },
      position: ({ pass }) =>
        query.sort_by === 'createdAt' ? { key: pass.createdAt.toISOString(), id: pass.id } : null,
    })
  }

  /**
   * Deletes the tombstones of passes that were deleted by a time, and before them what is kept of their agents for
   * longer than rows are, which nobody can read then.
   * @returns how many rows, at most `limit` of each table
   */
  async deleteTombstones(deletedBy: Date, limit: number): Promise<number> {
    for (const table of ['activity_rollups', 'activity_endpoints', 'pass_usage']) {
      const rows = await this.#database.query(
        `delete from ${table} where ctid = any(array(
           select r.ctid from ${table} r join tombstones t using (agent_user_id)
           where t.deleted_at <= $1::timestamptz limit $2))
         returning 1`,
        [deletedBy.toISOString(), limit],
      )
      // There may be more, and the tombstones tell of whom.
      if (rows.length === limit) return limit
    }
    return this.#database.deletePast('tombstones', 'deleted_at', deletedBy, limit)
  }

  /** Deletes secrets whose grace period was over by a time. @returns how many, at most `limit` */
  async deleteEndedSecrets(endedBy: Date, limit: number): Promise<number> {
    return this.#database.deletePast('pass_secrets', 'expires_at', endedBy, limit)
  }

  async #views(projectId: string, passes: readonly Pass[]): Promise<PassView[]> {
    if (passes.length === 0) return []
    const organization = await this.#database.query<{ name: string }>(
      'select o.name from organizations o join projects j on j.organization_id = o.id where j.id = $1',
      [projectId],
    )
    const secrets = await this.#database
      .em()
      .find(
        PassSecretEntity,
        { pass: { $in: passes.map(pass => pass.id) } },
        { orderBy: { createdAt: 'desc', id: 'desc' } },
      )
    const used = await this.#database.query<UseRow>(
      `select agent_user_id as "agentUserId", credential_id as "credentialId", sum(uses)::float8 as uses,
         max(last_used_at) as "lastUsedAt",
         (array_agg(last_used_ip order by last_used_at desc))[1] as "lastUsedIp"
       from pass_usage where agent_user_id = any($1::uuid[]) group by 1, 2`,
      [passes.map(pass => pass.agent.id)],
    )
    const uses = used.map(use => ({ ...use, lastUsedAt: instantOf(use.lastUsedAt) }))
    return passes.map(pass => ({
      pass,
      organizationName: organization[0]?.name ?? '',
      secrets: secrets.filter(secret => secret.pass.id === pass.id),
      uses: uses.filter(use => use.agentUserId === pass.agent.id),
    }))
  }
}

function byId(id: string): { id: string } | { passId: string } {
  return isUuid(id) ? { id: id.toLowerCase() } : { passId: id }
}
