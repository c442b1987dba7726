import type { Database, EntityManager } from '../platform/database.ts'
import { type Organization, OrganizationEntity } from './organization.entity.ts'
import { type Project, ProjectEntity } from './project.entity.ts'

/** Organizations and projects in the database. */
export class OrganizationStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async organization(id: string): Promise<Organization | null> {
    return this.#database.em().findOne(OrganizationEntity, { id })
  }

  async project(id: string): Promise<Project | null> {
    return this.#database.em().findOne(ProjectEntity, { id })
  }

  /** Whether there is no organization yet. */
  async isEmpty(em: EntityManager = this.#database.em()): Promise<boolean> {
    return (await em.count(OrganizationEntity)) === 0
  }
}
