import type { Actor, AuditTrail } from '../audit/audit-trail.ts'
import { notFound } from '../http/problems.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database, EntityManager } from '../platform/database.ts'
import { newId } from '../platform/uuid.ts'
import { type Organization, OrganizationEntity } from './organization.entity.ts'
import type { OrganizationStore } from './organization.store.ts'
import { type Project, ProjectEntity } from './project.entity.ts'

/** Organizations and the projects in them. */
export class OrganizationService {
  readonly #database: Database
  readonly #store: OrganizationStore
  readonly #audit: AuditTrail
  readonly #clock: Clock

  constructor(database: Database, store: OrganizationStore, audit: AuditTrail, clock: Clock) {
    this.#database = database
    this.#store = store
    this.#audit = audit
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

  /** Makes an organization with one project, within a transaction. */
  createWithProject(
    em: EntityManager,
    actor: Actor,
    names: { readonly organization: string; readonly project: string },
  ): { organization: Organization; project: Project } {
    const now = this.#clock.date()
    const organization = em.create(OrganizationEntity, {
      id: newId(),
      name: names.organization,
      createdAt: now,
      updatedAt: now,
    })
    const project = em.create(ProjectEntity, {
      id: newId(),
      organization,
      name: names.project,
      createdAt: now,
      updatedAt: now,
    })
    this.#audit.note(em, project.id, actor, {
      action: 'project.create',
      targetType: 'project',
      targetId: project.id,
      targetName: project.name,
    })
    return { organization, project }
  }

  /** Renames a project. @throws Problem `not_found` */
  async renameProject(id: string, actor: Actor, name: string): Promise<Project> {
    return this.#database.em().transactional(async em => {
      const project = (await em.findOne(ProjectEntity, { id })) ?? raise()
      const before = project.name
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
}

function raise(): never {
  throw notFound()
}
