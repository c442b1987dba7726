import { FlushMode, LockMode } from '@mikro-orm/core'
import { UserEntity } from '../accounts/user.entity.ts'
import { ApiKeyEntity, nameOfKey } from '../api-keys/api-key.entity.ts'
import { isUuid } from '../http/ids.ts'
import { type Page, readPage } from '../http/pagination.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database, EntityManager } from '../platform/database.ts'
import { type Pass, PassEntity } from './pass.entity.ts'
import type { PassQuery, SortField } from './pass.schema.ts'
import { type PassSecret, PassSecretEntity } from './pass-secret.entity.ts'
import { type PassUsage, PassUsageEntity } from './pass-usage.entity.ts'
import { EXPIRING_WITHIN_MS, type PassStatus } from './pass-validity.ts'
import { TombstoneEntity } from './tombstone.entity.ts'

/** Uses of one credential of a pass, over all nodes. */
export interface CredentialUse {
  readonly credentialId: string
  readonly uses: number
  readonly lastUsedAt: Date
  readonly lastUsedIp: string | null
}

/** A pass with what belongs to it, as it is presented. */
export interface PassView {
  readonly pass: Pass
  readonly organizationName: string
  readonly secrets: readonly PassSecret[]
  readonly uses: readonly CredentialUse[]
  /** An email address, the note of a key, the title of a pass; null: it is not on record, or they are gone. */
  readonly creatorName: string | null
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

/** What works is active to who filters by it, however long it will. */
const ACTIVE: readonly PassStatus[] = ['active', 'expiring']
/** So much of an id has to be typed for it to be looked for: fewer characters begin too many. */
const LEAST_OF_ID = 4

type Bind = (value: unknown) => string

/** A part of the title, or the beginning of an id; in a passId also of the part that is random. */
function searched(search: string, bind: Bind): string {
  const text = search.replace(/[\\%_]/g, '\\$&')
  const title = `normalize(p.title, NFC) ilike ${bind(`%${text}%`)}`
  if (search.length < LEAST_OF_ID) return title
  const [begins, passId] = [bind(`${text}%`), bind(`SP-____-${text}%`)]
  const ids = ['p.pass_id', 'p.client_id', 'p.agent_id::text', 'p.id::text'].map(
    id => `${id} ilike ${begins}`,
  )
  return `(${[title, ...ids, `p.pass_id ilike ${passId}`].join(' or ')})`
}

/** @param owner a UUID, or the email address of a user */
function ownedBy(owner: string, bind: Bind): string {
  return isUuid(owner)
    ? `p.created_by_id = ${bind(owner)}::uuid`
    : `p.created_by_type = 'user' and p.created_by_id in (select id from users where email = ${bind(owner)})`
}

/** @param id of a pass, which may be deleted: UUID or `passId` */
function createdBy(id: string, bind: Bind): string {
  const creator = isUuid(id)
    ? `= ${bind(id)}::uuid`
    : `in (select id from passes where project_id = p.project_id and pass_id = ${bind(id)}
         union select sentinel_pass_id from tombstones where project_id = p.project_id and pass_id = ${bind(id)})`
  return `p.created_by_type = 'pass' and p.created_by_id ${creator}`
}

/** Passes and their secrets in the database. */
export class PassStore {
  readonly #database: Database
  readonly #clock: Clock
  readonly #count: () => Promise<void>

  /** @param count brings the counts of uses up to what this node has recorded */
  constructor(database: Database, clock: Clock, count: () => Promise<void>) {
    this.#database = database
    this.#clock = clock
    this.#count = count
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

  /** The pass that has made a pass, held against changes; null: it was made by somebody else, or that one is gone. */
  async creatorOf(em: EntityManager, { project, createdByType, createdById }: Pass): Promise<Pass | null> {
    if (createdByType !== 'pass' || !createdById) return null
    return em.findOne(
      PassEntity,
      { project, id: createdById },
      { lockMode: LockMode.PESSIMISTIC_READ, flushMode: FlushMode.COMMIT },
    )
  }

  /** The passes that a pass has made, and that end with it, of which the end is later than a time; held. */
  async findEndingWith(em: EntityManager, creator: Pass, until: Date): Promise<Pass[]> {
    const isLater = { $or: [{ validUntil: null }, { validUntil: { $gt: until } }] }
    return em.find(
      PassEntity,
      {
        project: creator.project,
        createdByType: 'pass',
        createdById: creator.id,
        endsWithCreator: true,
        ...isLater,
      },
      { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' } },
    )
  }

  /** Removes what counted the uses of an agent's pass. */
  async deleteUsage(em: EntityManager, agentUserId: string): Promise<void> {
    await em.nativeDelete(PassUsageEntity, { agentUserId })
  }

  async secrets(em: EntityManager, passId: string): Promise<PassSecret[]> {
    return em.find(PassSecretEntity, { pass: passId }, { orderBy: { createdAt: 'desc', id: 'desc' } })
  }

  /** A pass that is made in this transaction, and not written yet: nobody has used it. */
  async viewOfNew(
    em: EntityManager,
    pass: Pass,
    secrets: PassSecret[],
    creatorName: string,
  ): Promise<PassView> {
    return {
      pass,
      organizationName: await organizationName(em, pass.project.id),
      secrets,
      uses: [],
      creatorName,
    }
  }

  /** A pass with what belongs to it, as it is in the transaction that changes it. */
  async viewIn(em: EntityManager, pass: Pass): Promise<PassView> {
    await em.flush()
    const [view] = await this.#views(em, pass.project.id, [pass])
    if (!view) throw new Error('A pass without a view')
    return view
  }

  /** @returns undefined when the project has no such pass */
  async view(projectId: string, id: string): Promise<PassView | undefined> {
    await this.#count()
    const em = this.#database.em()
    const pass = await this.find(em, projectId, id)
    return pass ? (await this.#views(em, projectId, [pass]))[0] : undefined
  }

  async list(projectId: string, query: PassQuery): Promise<Page<PassView>> {
    await this.#count()
    const now = this.#clock.now()
    const parameters: unknown[] = [projectId]
    const bind = (value: unknown): string => `$${parameters.push(value)}`
    const conditions = ['p.project_id = $1']
    if (query.active !== undefined) conditions.push(`p.active = ${bind(query.active)}`)
    if (query.credential_type) conditions.push(`p.credential_type = ${bind(query.credential_type)}`)
    if (query.agent_type !== undefined) conditions.push(`p.agent_type = ${bind(query.agent_type)}`)
    if (query.access_level) conditions.push(`p.access_level = ${bind(query.access_level)}`)
    if (query.usage_type) conditions.push(`p.usage_type = ${bind(query.usage_type)}`)
    if (query.client_id !== undefined) conditions.push(`p.client_id = ${bind(query.client_id)}`)
    if (query.agent_user_id) conditions.push(`p.agent_id = ${bind(query.agent_user_id)}::uuid`)
    if (query.owner) conditions.push(ownedBy(query.owner, bind))
    if (query.created_by_pass) conditions.push(createdBy(query.created_by_pass, bind))
    if (query.search) conditions.push(searched(query.search, bind))
    if (query.tags?.length) conditions.push(`p.tags @> ${bind(query.tags)}::text[]`)
    if (query.status?.length) {
      const at = (milliseconds: number) => `${bind(new Date(milliseconds).toISOString())}::timestamptz`
      const wanted = new Set(query.status.flatMap(status => (status === 'active' ? ACTIVE : [status])))
      const condition = [...wanted].map(status => `(${STATUS_CONDITIONS[status]})`).join(' or ')
      conditions.push(
        `(${condition.replace(/:now|:soon/g, name => at(name === ':now' ? now : now + EXPIRING_WITHIN_MS))})`,
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
        const em = this.#database.em()
        const found = await em.find(PassEntity, { id: { $in: ids.map(row => row.id) } })
        const byKey = new Map(found.map(pass => [pass.id, pass]))
        return this.#views(
          em,
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

  /** Stores a secret's digest under another key; the version stays, since the secret is the same. */
  async renewDigest(secretId: string, digest: Buffer): Promise<void> {
    await this.#database.query('update pass_secrets set digest = $2 where id = $1', [secretId, digest])
  }

  /** Deletes secrets whose grace period was over by a time. @returns how many, at most `limit` */
  async deleteEndedSecrets(endedBy: Date, limit: number): Promise<number> {
    return this.#database.deletePast('pass_secrets', 'expires_at', endedBy, limit)
  }

  async #views(em: EntityManager, projectId: string, passes: readonly Pass[]): Promise<PassView[]> {
    if (passes.length === 0) return []
    const name = await organizationName(em, projectId)
    const secrets = await em.find(
      PassSecretEntity,
      { pass: { $in: passes.map(pass => pass.id) } },
      { orderBy: { createdAt: 'desc', id: 'desc' } },
    )
    const used = await em.find(
      PassUsageEntity,
      { agentUserId: { $in: passes.map(pass => pass.agent.id) } },
      { disableIdentityMap: true },
    )
    const usesOf = Map.groupBy(used, use => use.agentUserId)
    const creators = await this.#creators(em, projectId, passes)
    return passes.map(pass => ({
      pass,
      organizationName: name,
      secrets: secrets.filter(secret => secret.pass.id === pass.id),
      uses: summedByCredential(usesOf.get(pass.agent.id) ?? []),
      creatorName: (pass.createdById && creators.get(pass.createdById)) ?? null,
    }))
  }

  /** The names of who made these passes, by their ids. */
  async #creators(
    em: EntityManager,
    projectId: string,
    passes: readonly Pass[],
  ): Promise<ReadonlyMap<string, string>> {
    const idsOf = (...types: Pass['createdByType'][]) => [
      ...new Set(
        passes.flatMap(pass => (types.includes(pass.createdByType) ? (pass.createdById ?? []) : [])),
      ),
    ]
    const [users, keys, creators] = [idsOf('user'), idsOf('api_key', 'organization_key'), idsOf('pass')]
    const names = new Map<string, string>()
    if (users.length > 0)
      for (const { id, email } of await em.find(UserEntity, { id: { $in: users } }, { fields: ['email'] }))
        names.set(id, email)
    if (keys.length > 0)
      for (const key of await em.find(ApiKeyEntity, { id: { $in: keys } })) names.set(key.id, nameOfKey(key))
    if (creators.length === 0) return names
    for (const { sentinelPassId, title } of await em.find(TombstoneEntity, {
      sentinelPassId: { $in: creators },
      projectId,
    }))
      names.set(sentinelPassId, title)
    for (const { id, title } of await em.find(PassEntity, { id: { $in: creators }, project: projectId }))
      names.set(id, title)
    return names
  }
}

async function organizationName(em: EntityManager, projectId: string): Promise<string> {
  const [organization]: { name: string }[] = await em.execute(
    'select o.name from organizations o join projects j on j.organization_id = o.id where j.id = ?',
    [projectId],
  )
  return organization?.name ?? ''
}

/** One row a credential, of one for each node. */
function summedByCredential(rows: readonly PassUsage[]): CredentialUse[] {
  return [...Map.groupBy(rows, row => row.credentialId)].map(([credentialId, same]) => {
    const [last] = same.toSorted((one, other) => other.lastUsedAt.getTime() - one.lastUsedAt.getTime())
    if (!last) throw new Error('A group without rows')
    const { lastUsedAt, lastUsedIp = null } = last
    return { credentialId, uses: same.reduce((sum, row) => sum + row.uses, 0), lastUsedAt, lastUsedIp }
  })
}

function byId(id: string): { id: string } | { passId: string } {
  return isUuid(id) ? { id: id.toLowerCase() } : { passId: id }
}
