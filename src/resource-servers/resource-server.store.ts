import { LockMode } from '@mikro-orm/core'
import { olderThan, type Page, type PageRequest, positionByTime, readPage } from '../http/pagination.ts'
import { OPERATORS_ORGANIZATION } from '../organizations/organization.store.ts'
import type { Database, EntityManager } from '../platform/database.ts'
import { type ResourceServer, ResourceServerEntity } from './resource-server.entity.ts'

const REGISTRATION_LOCK = 7_265_017

/** A resource that the passes of a project may name. */
export interface NameableResource extends Pick<ResourceServer, 'resource' | 'uri' | 'title' | 'scopes'> {
  readonly verified: boolean
}

/**
 * Whether the passes of a project may name a resource: it is their project's, or their organization shares it.
 * @param resource the alias of a row of `resource_servers`
 * @param project an SQL expression of the id of the project
 */
export function mayName(resource: string, project: string): string {
  return `(${resource}.project_id = ${project} or ${resource}.shared and exists (
    select from projects theirs join projects own on own.organization_id = theirs.organization_id
    where theirs.id = ${resource}.project_id and own.id = ${project}))`
}

/** Resource servers in the database. */
export class ResourceServerStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async find(projectId: string, id: string, em = this.#database.em()): Promise<ResourceServer | null> {
    return em.findOne(ResourceServerEntity, { id, project: projectId })
  }

  /** The same, held against every other change, and against passes that begin to name it, until the transaction ends. */
  async findLocked(em: EntityManager, projectId: string, id: string): Promise<ResourceServer | null> {
    const lockMode = LockMode.PESSIMISTIC_WRITE
    return em.findOne(ResourceServerEntity, { id, project: projectId }, { lockMode })
  }

  /** @param uri the one spelling of its resource */
  async byUri(em: EntityManager, projectId: string, uri: string): Promise<ResourceServer | null> {
    return em.findOne(ResourceServerEntity, { uri, project: projectId })
  }

  /** The newest first. */
  async list(projectId: string, request: PageRequest): Promise<Page<ResourceServer>> {
    const em = this.#database.em()
    const own = { project: projectId }
    return readPage<ResourceServer>(request, {
      count: () => em.count(ResourceServerEntity, own),
      read: (limit, offset, after) =>
        em.find(
          ResourceServerEntity,
          { ...own, ...olderThan(after) },
          { orderBy: { createdAt: 'desc', id: 'desc' }, limit, offset },
        ),
      position: positionByTime,
    })
  }

  /** Those that the passes of a project may name, by their URIs: its own, and what its organization shares. */
  async nameable(projectId: string, em = this.#database.em()): Promise<NameableResource[]> {
    return this.#nameable(em, projectId, '')
  }

  /** The same, held against every change until the transaction ends. @param uris those of interest */
  async holdNameable(
    em: EntityManager,
    projectId: string,
    uris: readonly string[],
  ): Promise<NameableResource[]> {
    return this.#nameable(
      em,
      projectId,
      'and r.uri in (select json_array_elements_text(?::json)) order by r.id for share of r',
      [JSON.stringify(uris)],
    )
  }

  /** All of an origin, whosever they are; nobody registers another one until the transaction ends. */
  async ofOrigin(
    em: EntityManager,
    origin: string,
  ): Promise<{ readonly server: ResourceServer; readonly organizationId: string }[]> {
    await em.execute(`select pg_advisory_xact_lock(${REGISTRATION_LOCK})`)
    await em.execute('select 1 from resource_servers where origin = ? order by id for update', [origin])
    const found = await em.find(
      ResourceServerEntity,
      { origin },
      { populate: ['project'], orderBy: { id: 'asc' } },
    )
    return found.map(server => ({ server, organizationId: server.project.organization.id }))
  }

  /**
   * Raises the version of every pass that lists the resource: no node grants by an older copy from here on.
   * @param dropped whether they cease to list it: `all`, those of the `others` than its own project, or `none`
   */
  async passesMoveOn(
    em: EntityManager,
    { resource, project }: ResourceServer,
    dropped: 'all' | 'others' | 'none',
  ): Promise<void> {
    // Held in the order in which the recorder holds them, so that neither waits for the other.
    const listing: { id: string }[] = await em.execute(
      `select p.id from passes p join projects j on j.id = p.project_id
       where p.resources @> array[?]::text[] and j.organization_id = (select organization_id from projects where id = ?)
       order by p.id for update of p`,
      [resource, project.id],
    )
    if (listing.length === 0) return
    const ids = JSON.stringify(listing.map(({ id }) => id))
    await em.execute(
      `update passes set version = version + 1,
         resources = case when ? = 'all' or (? = 'others' and project_id <> ?)
           then array_remove(resources, ?) else resources end
       where id in (select json_array_elements_text(?::json)::uuid)`,
      [dropped, dropped, project.id, resource, ids],
    )
  }

  /** The project that provisioning names: by its id, or by its name in the operator's own organization. */
  async projectsNamed(
    em: EntityManager,
    name: string,
  ): Promise<{ readonly id: string; readonly organizationId: string }[]> {
    return em.execute(
      `select id, organization_id as "organizationId" from projects
       where id::text = lower(?) or (name = ? and organization_id = (${OPERATORS_ORGANIZATION}))`,
      [name, name],
    )
  }

  async #nameable(
    em: EntityManager,
    projectId: string,
    rest: string,
    parameters: readonly unknown[] = [],
  ): Promise<NameableResource[]> {
    return em.execute(
      `select r.resource, r.uri, r.title, r.scopes, r.verified_at is not null as verified
       from resource_servers r where ${mayName('r', '?::uuid')} ${rest || 'order by r.uri'}`,
      [projectId, projectId, ...parameters],
    )
  }
}
