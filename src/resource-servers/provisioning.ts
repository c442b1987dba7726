import { z } from 'zod'
import type { Actor } from '../access/actor.ts'
import { SYSTEM } from '../audit/audit-trail.ts'
import { Problem } from '../http/problems.ts'
import type { Clock } from '../platform/clock.ts'
import type { ProvisionedResource } from '../platform/config.ts'
import type { Database, EntityManager } from '../platform/database.ts'
import { EX_CONFIG, OperatorError } from '../platform/errors.ts'
import { newResourceServerFields } from './resource-server.schema.ts'
import type { ResourceServerService } from './resource-server.service.ts'
import type { ResourceServerStore } from './resource-server.store.ts'
import { parseResourceUri } from './resource-uri.ts'

const PROVISIONING: Actor = { ...SYSTEM, name: 'RESOURCE_SERVERS' }

/**
 * Has every resource server of the setting registered as the setting has it, at each start. What is no longer in it
 * stays as it is.
 */
export class ResourceServerProvisioning {
  readonly #database: Database
  readonly #store: ResourceServerStore
  readonly #servers: ResourceServerService
  readonly #clock: Clock
  readonly #entries: readonly ProvisionedResource[]

  constructor(
    database: Database,
    store: ResourceServerStore,
    servers: ResourceServerService,
    clock: Clock,
    entries: readonly ProvisionedResource[],
  ) {
    this.#database = database
    this.#store = store
    this.#servers = servers
    this.#clock = clock
    this.#entries = entries
  }

  /** All of them or none. @throws OperatorError (exit code 78) that says in a sentence which entry is not usable */
  async run(): Promise<void> {
    if (this.#entries.length === 0) return
    await this.#database.em().transactional(async em => {
      for (const entry of this.#entries) await this.#provision(em, entry)
    })
  }

  async #provision(em: EntityManager, { project: name, ...attributes }: ProvisionedResource): Promise<void> {
    const fault = (what: string) =>
      new OperatorError(
        `RESOURCE_SERVERS is not usable: the resource ${attributes.resource} ${what}.`,
        EX_CONFIG,
      )
    const parsed = newResourceServerFields.safeParse(attributes)
    if (!parsed.success)
      throw fault(`is described wrongly: ${z.prettifyError(parsed.error).replace(/\s*\n\s*/g, ' ')}`)
    const [project, ...others] = await this.#store.projectsNamed(em, name)
    if (!project) throw fault(`names the project ${name}, which does not exist`)
    if (others.length > 0) throw fault(`names the project ${name}, and there are several: give the id`)
    const owner = { projectId: project.id, organizationId: project.organizationId }
    const uri = parseResourceUri(parsed.data.resource)?.uri ?? ''
    const existing = await this.#store.byUri(em, owner.projectId, uri)
    try {
      if (!existing) await this.#servers.insert(em, owner, PROVISIONING, parsed.data, true)
      else {
        const { resource: _resource, ...fields } = parsed.data
        const verifiedAt = existing.verifiedAt ?? this.#clock.date()
        const action = 'resource_server.update'
        await this.#servers.change(em, PROVISIONING, existing, action, { ...fields, verifiedAt })
      }
    } catch (error) {
      throw error instanceof Problem
        ? fault(`cannot be registered: ${error.message.replace(/\.$/, '')}`)
        : error
    }
  }
}
