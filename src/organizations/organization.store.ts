import { LockMode } from '@mikro-orm/core'
import { namedAfter, type Page, type PageRequest, positionByName, readPage } from '../http/pagination.ts'
import type { Database, EntityManager } from '../platform/database.ts'
import { type Organization, OrganizationEntity } from './organization.entity.ts'
import { type OrganizationTombstone, OrganizationTombstoneEntity } from './organization-tombstone.entity.ts'
import { type Project, ProjectEntity } from './project.entity.ts'
import { type ProjectTombstone, ProjectTombstoneEntity } from './project-tombstone.entity.ts'

const BY_NAME = { name: 'asc', id: 'asc' } as const

/** Selects the id of the organization that the first start made: the operator's own. */
export const OPERATORS_ORGANIZATION = 'select id from organizations order by created_at, id limit 1'

/** Organizations and projects in the database. */
export class OrganizationStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async organization(id: string, em: EntityManager = this.#database.em()): Promise<Organization | null> {
    return em.findOne(OrganizationEntity, { id })
  }

  async project(id: string, em: EntityManager = this.#database.em()): Promise<Project | null> {
    return em.findOne(ProjectEntity, { id })
  }

  /** A project, held: nothing is made in it until the transaction ends. */
  async lockedProject(em: EntityManager, id: string): Promise<Project | null> {
    return em.findOne(ProjectEntity, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE })
  }

  /** Holds the keys of a project: who acts by one holds it before anything else. */
  async lockKeys(em: EntityManager, projectId: string): Promise<void> {
    await em.execute('select 1 from api_keys where project_id = ? order by id for update', [projectId])
  }

  /** The same of an organization, and of all of its projects. */
  async lockAllKeys(em: EntityManager, organizationId: string): Promise<void> {
    await em.execute(
      `select 1 from api_keys where organization_id = ? or project_id in (
         select id from projects where organization_id = ?) order by id for update`,
      [organizationId, organizationId],
    )
  }

  /** Whether an organization is the one that the first start made: the operator's own. */
  async isOperators(organizationId: string, em: EntityManager = this.#database.em()): Promise<boolean> {
    const rows = await em.execute<{ id: string }[]>(OPERATORS_ORGANIZATION)
    return rows[0]?.id === organizationId
  }

  /** An organization, held: nothing is made in it until the transaction ends. */
  async lockedOrganization(em: EntityManager, id: string): Promise<Organization | null> {
    return em.findOne(OrganizationEntity, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE })
  }

  /** Organizations that were deleted, and that something is still on record of, by name. */
  async deletedOrganizations(
    ids: readonly string[],
    request: PageRequest,
  ): Promise<Page<OrganizationTombstone>> {
    const em = this.#database.em()
    const own = { $and: [{ id: { $in: [...ids] } }] }
    return readPage<OrganizationTombstone>(request, {
      count: () => em.count(OrganizationTombstoneEntity, own),
      read: (limit, offset, after) =>
        em.find(
          OrganizationTombstoneEntity,
          { ...own, ...namedAfter(after) },
          { orderBy: BY_NAME, limit, offset },
        ),
      position: positionByName,
    })
  }

  /** The ids of an organization's projects, within a transaction. */
  async projectIds(em: EntityManager, organizationId: string): Promise<string[]> {
    const projects = await em.find(
      ProjectEntity,
      { organization: organizationId },
      { orderBy: { id: 'asc' } },
    )
    return projects.map(project => project.id)
  }

  /** Organizations by name. */
  async organizations(ids: readonly string[], request: PageRequest): Promise<Page<Organization>> {
    const em = this.#database.em()
    const own = { $and: [{ id: { $in: [...ids] } }] }
    return readPage<Organization>(request, {
      count: () => em.count(OrganizationEntity, own),
      read: (limit, offset, after) =>
        em.find(OrganizationEntity, { ...own, ...namedAfter(after) }, { orderBy: BY_NAME, limit, offset }),
      position: positionByName,
    })
  }

  /** An organization's projects by name. @param only of these the one, if given */
  async projects(organizationId: string, request: PageRequest, only?: string): Promise<Page<Project>> {
    const em = this.#database.em()
    const own = { organization: organizationId, $and: only === undefined ? [] : [{ id: only }] }
    return readPage<Project>(request, {
      count: () => em.count(ProjectEntity, own),
      read: (limit, offset, after) =>
        em.find(ProjectEntity, { ...own, ...namedAfter(after) }, { orderBy: BY_NAME, limit, offset }),
      position: positionByName,
    })
  }

  /** An organization's deleted projects that something is still on record of, by name. */
  async deletedProjects(organizationId: string, request: PageRequest): Promise<Page<ProjectTombstone>> {
    const em = this.#database.em()
    return readPage<ProjectTombstone>(request, {
      count: () => em.count(ProjectTombstoneEntity, { organizationId }),
      read: (limit, offset, after) =>
        em.find(
          ProjectTombstoneEntity,
          { organizationId, ...namedAfter(after) },
          { orderBy: BY_NAME, limit, offset },
        ),
      position: positionByName,
    })
  }

  async hasProject(organizationId: string, projectId: string): Promise<boolean> {
    return (
      (await this.#database.em().count(ProjectEntity, { id: projectId, organization: organizationId })) > 0
    )
  }

  /** Whether an organization has a project, or had one that something is still on record of. */
  async hasOrHadProject(organizationId: string, projectId: string): Promise<boolean> {
    return (
      (await this.hasProject(organizationId, projectId)) ||
      (await this.#database.em().count(ProjectTombstoneEntity, { id: projectId, organizationId })) > 0
    )
  }

  /** Deletes the tombstones of organizations that were deleted by a time. @returns how many, at most `limit` */
  async deleteOrganizationTombstones(deletedBy: Date, limit: number): Promise<number> {
    return this.#database.deletePast('organization_tombstones', 'deleted_at', deletedBy, limit)
  }

  /** Deletes the tombstones of projects that were deleted by a time. @returns how many, at most `limit` */
  async deleteTombstones(deletedBy: Date, limit: number): Promise<number> {
    return this.#database.deletePast('project_tombstones', 'deleted_at', deletedBy, limit)
  }

  /**
   * Removes a project and all that it owns but its record: activity rows and audit events stay, and tombstones of
   * it and of each pass say whose they are. Live tokens end by their pass not being found.
   */
  async deleteProject(em: EntityManager, projectId: string, now: Date): Promise<void> {
    // Resources before passes, as who changes one holds them; passes in the order in which the recorder holds them, so
    // that neither waits for the other: what it records of them from here on is not. Those of other projects that may
    // name what goes list it no more.
    await em.execute('select 1 from resource_servers where project_id = ? order by id for update', [
      projectId,
    ])
    const named = 'array(select resource from resource_servers where project_id = ? and shared)'
    await em.execute(
      `select 1 from passes where project_id = ? or resources && ${named} order by id for update`,
      [projectId, projectId],
    )
    await em.execute(
      `update passes set version = version + 1,
         resources = array(select kept from unnest(resources) kept where kept <> all(${named}))
       where project_id <> ? and resources && ${named}`,
      [projectId, projectId, projectId],
    )
    await em.execute(
      `insert into tombstones (agent_user_id, project_id, sentinel_pass_id, pass_id, title, client_id, deleted_at)
       select agent_id, project_id, id, pass_id, title, client_id, ? from passes where project_id = ?`,
      [now, projectId],
    )
    await em.execute(
      `insert into project_tombstones (id, organization_id, name, created_at, updated_at, deleted_at)
       select id, organization_id, name, created_at, updated_at, ? from projects where id = ?`,
      [now, projectId],
    )
    await em.execute(
      'delete from pass_usage where agent_user_id in (select agent_id from passes where project_id = ?)',
      [projectId],
    )
    for (const table of ['passes', 'agents', 'api_keys', 'resource_servers'])
      await em.execute(`delete from ${table} where project_id = ?`, [projectId])
    await em.execute('delete from projects where id = ?', [projectId])
  }

  /**
   * Removes an organization without projects. A tombstone of it and of each membership says who reads what was done
   * in it, as what.
   */
  async deleteOrganization(em: EntityManager, id: string, now: Date): Promise<void> {
    await em.execute(
      `insert into organization_tombstones (id, name, created_at, updated_at, deleted_at)
       select id, name, created_at, updated_at, ? from organizations where id = ?`,
      [now, id],
    )
    await em.execute(
      `insert into former_members (id, organization_id, user_id, role)
       select id, organization_id, user_id, role from members where organization_id = ?`,
      [id],
    )
    for (const table of ['api_keys', 'invitations', 'members'])
      await em.execute(`delete from ${table} where organization_id = ?`, [id])
    await em.execute('delete from organizations where id = ?', [id])
  }

  /** Of every organization, within a transaction. */
  async ids(em: EntityManager): Promise<string[]> {
    return (await em.find(OrganizationEntity, {})).map(organization => organization.id)
  }

  /** Whether there is no organization yet. */
  async isEmpty(em: EntityManager = this.#database.em()): Promise<boolean> {
    return (await em.count(OrganizationEntity)) === 0
  }
}
