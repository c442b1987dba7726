import { LockMode } from '@mikro-orm/core'
import type { KeyRole } from '../access/role.ts'
import { olderThan, type Page, type PageRequest, positionByTime, readPage } from '../http/pagination.ts'
import type { Database, EntityManager } from '../platform/database.ts'
import { type ApiKey, ApiKeyEntity } from './api-key.entity.ts'

/** Whose keys: a project's, or an organization's own. */
export type KeyOwner =
  | { readonly projectId: string }
  | { readonly projectId?: undefined; readonly organizationId: string }

/** The row behind a presented key, with where it belongs: to a project, or with a role to an organization. */
export type FoundApiKey = {
  readonly id: string
  readonly note: string
  readonly organizationId: string
  readonly expiresAt: string | null
} & (
  | { readonly projectId: string; readonly role: null }
  | { readonly projectId: null; readonly role: KeyRole }
)

/** API keys in the database. */
export class ApiKeyStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /**
   * The key with one of these digests, unless it has expired; notes that it was used, to the second, and stores the
   * digest under the newest secret key.
   * @param digests of the presented key, one for each secret key of the server, newest first
   */
  async use(digests: readonly Buffer[], now: Date): Promise<FoundApiKey | undefined> {
    const rows = await this.#database.query<FoundApiKey>(
      `with found as (
         select k.id, k.note, k.project_id, k.role, k.expires_at,
           coalesce(k.organization_id, j.organization_id) as organization_id
         from api_keys k left join projects j on j.id = k.project_id
         where k.digest = any($1::bytea[]) and (k.expires_at is null or k.expires_at > $2::timestamptz)
       ), used as (
         update api_keys set last_used_at = $2::timestamptz, digest = ($1::bytea[])[1]
         where id in (select id from found)
           and (last_used_at is null or last_used_at < $2::timestamptz - interval '1 second'
             or digest <> ($1::bytea[])[1])
       )
       select id, note, project_id as "projectId", organization_id as "organizationId", role,
         expires_at as "expiresAt" from found`,
      [digests, now.toISOString()],
    )
    return rows[0]
  }

  /** The newest first. */
  async list(owner: KeyOwner, request: PageRequest): Promise<Page<ApiKey>> {
    const em = this.#database.em()
    const own = ownedBy(owner)
    return readPage<ApiKey>(request, {
      count: () => em.count(ApiKeyEntity, own),
      read: (limit, offset, after) =>
        em.find(
          ApiKeyEntity,
          { ...own, ...olderThan(after) },
          { orderBy: { createdAt: 'desc', id: 'desc' }, limit, offset },
        ),
      position: positionByTime,
    })
  }

  /** Deletes keys that had expired by a time. @returns how many, at most `limit` */
  async deleteExpired(expiredBy: Date, limit: number): Promise<number> {
    return this.#database.deletePast('api_keys', 'expires_at', expiredBy, limit)
  }

  async find(owner: KeyOwner, id: string): Promise<ApiKey | null> {
    return this.#database.em().findOne(ApiKeyEntity, { id, ...ownedBy(owner) })
  }

  /** The same, held until the transaction ends. */
  async findLocked(em: EntityManager, owner: KeyOwner, id: string): Promise<ApiKey | null> {
    return em.findOne(ApiKeyEntity, { id, ...ownedBy(owner) }, { lockMode: LockMode.PESSIMISTIC_WRITE })
  }
}

function ownedBy(owner: KeyOwner) {
  return owner.projectId === undefined ? { organization: owner.organizationId } : { project: owner.projectId }
}
