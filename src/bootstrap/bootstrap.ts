import { API_KEY_PREFIX } from '../access/credentials.ts'
import type { ApiKeyService } from '../api-keys/api-key.service.ts'
import { SYSTEM } from '../audit/audit-trail.ts'
import type { OrganizationService } from '../organizations/organization.service.ts'
import type { OrganizationStore } from '../organizations/organization.store.ts'
import { generateChecksummedSecret } from '../platform/checksummed-secret.ts'
import type { Config } from '../platform/config.ts'
import type { Database } from '../platform/database.ts'

const BOOTSTRAP_LOCK = 7_265_016
const DEFAULT_NAME = 'Default'

/** What the first start made. The key is told once. */
export interface FirstStart {
  readonly organizationId: string
  readonly projectId: string
  readonly apiKey: string
  /** Whether the operator gave the key and knows it already. */
  readonly apiKeyGiven: boolean
}

/** Makes what a new database needs to be of use: an organization, a project, and an API key of it. */
export class Bootstrap {
  readonly #database: Database
  readonly #organizations: OrganizationService
  readonly #store: OrganizationStore
  readonly #apiKeys: ApiKeyService
  readonly #config: Config

  constructor(
    database: Database,
    organizations: OrganizationService,
    store: OrganizationStore,
    apiKeys: ApiKeyService,
    config: Config,
  ) {
    this.#database = database
    this.#organizations = organizations
    this.#store = store
    this.#apiKeys = apiKeys
    this.#config = config
  }

  /** @returns what was made, or undefined when there is something already */
  async run(): Promise<FirstStart | undefined> {
    if (!(await this.#store.isEmpty())) return undefined
    const given = this.#config.bootstrapApiKey
    const secretKey = given ?? generateChecksummedSecret(API_KEY_PREFIX)
    return this.#database.em().transactional(async em => {
      // Of several nodes that start at once, one makes it and the others find it.
      await em.execute(`select pg_advisory_xact_lock(${BOOTSTRAP_LOCK})`)
      if (!(await this.#store.isEmpty(em))) return undefined
      const names = { organization: DEFAULT_NAME, project: DEFAULT_NAME }
      const { organization, project } = this.#organizations.createWithProject(em, SYSTEM, names)
      this.#apiKeys.insert(em, project.id, SYSTEM, {
        note: 'Made at the first start',
        expiresAt: null,
        secretKey,
      })
      return {
        organizationId: organization.id,
        projectId: project.id,
        apiKey: secretKey,
        apiKeyGiven: given !== undefined,
      }
    })
  }
}
