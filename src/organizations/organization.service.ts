import type { Actor } from '../access/actor.ts'
import type { UserStore } from '../accounts/user.store.ts'
import type { AuditTrail } from '../audit/audit-trail.ts'
import type { Page, PageRequest } from '../http/pagination.ts'
import { notFound, Problem } from '../http/problems.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database, EntityManager } from '../platform/database.ts'
import { newId } from '../platform/uuid.ts'
import type { MemberService } from './member.service.ts'
import type { MemberStore } from './member.store.ts'
import { type Organization, OrganizationEntity } from './organization.entity.ts'
import type { OrganizationStore } from './organization.store.ts'
import type { OrganizationTombstone } from './organization-tombstone.entity.ts'
import { type Project, ProjectEntity } from './project.entity.ts'
import type { ProjectTombstone } from './project-tombstone.entity.ts'

/** Organizations and the projects in them. */
export class OrganizationService {
  readonly #database: Database
  readonly #store: OrganizationStore
  readonly #audit: AuditTrail
  readonly #memberships: Pick<MemberService, 'insert'>
  readonly #members: Pick<MemberStore, 'lock' | 'closeResets'>
  readonly #users: Pick<UserStore, 'byId'>
  readonly #clock: Clock

  constructor(
    database: Database,
    store: OrganizationStore,
    audit: AuditTrail,
    memberships: Pick<MemberService, 'insert'>,
    members: Pick<MemberStore, 'lock' | 'closeResets'>,
    users: Pick<UserStore, 'byId'>,
    clock: Clock,
  ) {
    this.#database = database
    this.#store = store
    this.#audit = audit
    this.#memberships = memberships
    this.#members = members
    this.#users = users
    this.#clock = clock
  }

  /** @throws Problem `not_found` */
  async organization(id: string): Promise<Organization> {
    return (await this.#store.organization(id)) ?? raise()
  }

  /** @throws Problem `not_found` */
  async project(id: string): Promise<Project> {
    return (await this.#store.project(id)) ?? raise()
  }

  async organizations(ids: readonly string[], request: PageRequest): Promise<Page<Organization>> {
    return this.#store.organizations(ids, request)
  }

  /** Those that are gone, and that something is kept of. */
  async deletedOrganizations(
    ids: readonly string[],
    request: PageRequest,
  ): Promise<Page<OrganizationTombstone>> {
    return this.#store.deletedOrganizations(ids, request)
  }

  /** @param only of the projects the one that can be seen, where it is one */
  async projects(organizationId: string, request: PageRequest, only?: string): Promise<Page<Project>> {
    return this.#store.projects(organizationId, request, only)
  }

  /** Those that are gone, and whose activity or audit trail is kept. */
  async deletedProjects(organizationId: string, request: PageRequest): Promise<Page<ProjectTombstone>> {
    return this.#store.deletedProjects(organizationId, request)
  }

  /**
   * Makes an organization; who makes it owns it.
   * @param makesAccounts whether its invitations do, which its maker can decide who owns the instance
   */
  async create(
    actor: Actor,
    userId: string,
    input: { readonly name: string; readonly makesAccounts: boolean },
  ): Promise<Organization> {
    return this.#database.em().transactional(async em => {
      await actor.hold?.(em)
      const organization = this.#insertOrganization(em, actor, input)
      const user = (await this.#users.byId(userId, em)) ?? raise()
      this.#memberships.insert(em, organization.id, actor, user, 'OWNER')
      return organization
    })
  }

  /**
   * Renames an organization, or has it require one-time codes: it is there for nobody else from the answer on.
   * @throws Problem `not_found`, or `totp_required` where the user who turns that on has none
   */
  async change(
    id: string,
    actor: Actor,
    userId: string,
    changes: { readonly name?: string | undefined; readonly requiresTotp?: boolean | undefined },
  ): Promise<Organization> {
    return this.#database.em().transactional(async em => {
      await actor.hold?.(em)
      const organization = (await this.#store.organization(id, em)) ?? raise()
      const before = { name: organization.name, requiresTotp: organization.requiresTotp }
      const after = {
        name: changes.name ?? before.name,
        requiresTotp: changes.requiresTotp ?? before.requiresTotp,
      }
      if (after.requiresTotp && !(await this.#users.byId(userId, em))?.totpSecret)
        throw new Problem(
          'totp_required',
          'You would be the first who is kept out. Set up one-time codes for your account, then require them of everybody.',
        )
      if (after.name === before.name && after.requiresTotp === before.requiresTotp) return organization
      Object.assign(organization, after, { updatedAt: this.#clock.date() })
      this.#audit.noteIn(em, { organizationId: id, projectId: null }, actor, {
        action: 'organization.update',
        targetType: 'organization',
        targetId: id,
        targetName: after.name,
        before,
        after,
      })
      return organization
    })
  }

  async createProject(organizationId: string, actor: Actor, name: string): Promise<Project> {
    return this.#database.em().transactional(async em => {
      await actor.hold?.(em)
      const organization = (await this.#store.organization(organizationId, em)) ?? raise()
      return this.#insertProject(em, organization, actor, name)
    })
  }

  /**
   * Removes a project with its passes, agents, secrets and keys. From its answer on nothing of it is granted or
   * accepted; its activity and audit events stay readable while they are kept. @throws Problem `not_found`
   */
  async deleteProject(id: string, actor: Actor): Promise<void> {
    await this.#database.em().transactional(async em => {
      await actor.hold?.(em)
      await this.#removeProject(em, id, actor)
    })
  }

  /**
   * Removes an organization with its projects, members and invitations, in one act. Who was in it reads on what was
   * done in it, as what they were, while it is kept.
   * @throws Problem `not_found`, or `instance_organization` for the first one: whoever owns it owns the instance
   */
  async deleteOrganization(id: string, actor: Actor): Promise<void> {
    await this.#database.em().transactional(async em => {
      await this.#members.lock(em, id)
      await actor.hold?.(em)
      if (await this.#store.isOperators(id, em))
        throw new Problem(
          'instance_organization',
          'This is the first organization: its owners own the server. Delete its projects, or name other owners.',
        )
      await this.#store.lockAllKeys(em, id)
      await this.#members.closeResets(em, id)
      const organization = (await this.#store.lockedOrganization(em, id)) ?? raise()
      for (const projectId of await this.#store.projectIds(em, id))
        await this.#removeProject(em, projectId, actor)
      this.#audit.noteIn(em, { organizationId: id, projectId: null }, actor, {
        action: 'organization.delete',
        targetType: 'organization',
        targetId: id,
        targetName: organization.name,
        before: { name: organization.name },
      })
      await this.#store.deleteOrganization(em, id, this.#clock.date())
    })
  }

  /** Makes an organization with one project, within a transaction. */
  createWithProject(
    em: EntityManager,
    actor: Actor,
    names: { readonly organization: string; readonly project: string },
  ): { organization: Organization; project: Project } {
    const organization = this.#insertOrganization(em, actor, {
      name: names.organization,
      makesAccounts: true,
    })
    return { organization, project: this.#insertProject(em, organization, actor, names.project) }
  }

  /** Renames a project. @throws Problem `not_found` */
  async renameProject(id: string, actor: Actor, name: string): Promise<Project> {
    return this.#database.em().transactional(async em => {
      await actor.hold?.(em)
      const project = (await this.#store.project(id, em)) ?? raise()
      const before = project.name
      if (name === before) return project
      project.name = name
      project.updatedAt = this.#clock.date()
      this.#audit.note(em, id, actor, {
        action: 'project.update',
        targetType: 'project',
        targetId: id,
        targetName: name,
        before: { name: before },
        after: { name },
      })
      return project
    })
  }

  #insertOrganization(
    em: EntityManager,
    actor: Actor,
    input: { readonly name: string; readonly makesAccounts: boolean },
  ): Organization {
    const now = this.#clock.date()
    const organization = em.create(OrganizationEntity, {
      id: newId(),
      ...input,
      requiresTotp: false,
      createdAt: now,
      updatedAt: now,
    })
    this.#audit.noteIn(em, { organizationId: organization.id, projectId: null }, actor, {
      action: 'organization.create',
      targetType: 'organization',
      targetId: organization.id,
      targetName: input.name,
      after: { name: input.name },
    })
    return organization
  }

  async #removeProject(em: EntityManager, id: string, actor: Actor): Promise<void> {
    await this.#store.lockKeys(em, id)
    const project = (await this.#store.lockedProject(em, id)) ?? raise()
    this.#audit.noteIn(em, { organizationId: project.organization.id, projectId: id }, actor, {
      action: 'project.delete',
      targetType: 'project',
      targetId: id,
      targetName: project.name,
      before: { name: project.name },
    })
    await this.#store.deleteProject(em, id, this.#clock.date())
  }

  #insertProject(em: EntityManager, organization: Organization, actor: Actor, name: string): Project {
    const now = this.#clock.date()
    const project = em.create(ProjectEntity, {
      id: newId(),
      organization,
      name,
      createdAt: now,
      updatedAt: now,
    })
    this.#audit.noteIn(em, { organizationId: organization.id, projectId: project.id }, actor, {
      action: 'project.create',
      targetType: 'project',
      targetId: project.id,
      targetName: name,
      after: { name },
    })
    return project
  }
}

function raise(): never {
  throw notFound()
}
