import { API_KEY_PREFIX } from '../access/credentials.ts'
import type { UserStore } from '../accounts/user.store.ts'
import type { ApiKeyService } from '../api-keys/api-key.service.ts'
import { SYSTEM } from '../audit/audit-trail.ts'
import type { OrganizationService } from '../organizations/organization.service.ts'
import type { OrganizationStore } from '../organizations/organization.store.ts'
import { generateChecksummedSecret } from '../platform/checksummed-secret.ts'
import type { Config } from '../platform/config.ts'
import type { Database, EntityManager } from '../platform/database.ts'
import type { FirstOwner, FirstOwners } from './first-owner.ts'
import type { FirstStartStore } from './first-start.store.ts'

const DEFAULT_NAME = 'Default'

/** What the first start made. The key is told once. */
export interface FirstStart {
  readonly organizationId: string
  readonly projectId: string
  readonly apiKey: string
  /** Whether the operator gave the key and knows it already. */
  readonly apiKeyGiven: boolean
  readonly owner: FirstOwner
}

/** What a start found missing. */
export interface Made {
  readonly first: FirstStart | undefined
  /** The first account, where there were organizations already: of a version that had no accounts. */
  readonly owner: FirstOwner | undefined
}

/** Makes what a new database needs to be of use: an organization, a project, an API key of it, and an owner. */
export class Bootstrap {
  readonly #database: Database
  readonly #organizations: OrganizationService
  readonly #store: OrganizationStore
  readonly #apiKeys: ApiKeyService
  readonly #users: UserStore
  readonly #owners: FirstOwners
  readonly #starts: Pick<FirstStartStore, 'lock'>
  readonly #config: Pick<Config, 'bootstrapApiKey'>

  constructor(
    database: Database,
    organizations: OrganizationService,
    store: OrganizationStore,
    apiKeys: ApiKeyService,
    users: UserStore,
    owners: FirstOwners,
    starts: Pick<FirstStartStore, 'lock'>,
    config: Pick<Config, 'bootstrapApiKey'>,
  ) {
    this.#database = database
    this.#organizations = organizations
    this.#store = store
    this.#apiKeys = apiKeys
    this.#users = users
    this.#owners = owners
    this.#starts = starts
    this.#config = config
  }

  /** Makes what is missing, and nothing where nothing is. */
  async run(): Promise<Made> {
    const nothing = { first: undefined, owner: undefined }
    if (!(await this.#store.isEmpty()) && !(await this.#users.isEmpty())) return nothing
    return this.#database.em().transactional(async em => {
      await this.#starts.lock(em)
      if (await this.#store.isEmpty(em)) return { first: await this.#makeFirst(em), owner: undefined }
      if (!(await this.#users.isEmpty(em))) return nothing
      return { first: undefined, owner: await this.#owners.insert(em, await this.#store.ids(em)) }
    })
  }

  async #makeFirst(em: EntityManager): Promise<FirstStart> {
    const given = this.#config.bootstrapApiKey
    const secretKey = given ?? generateChecksummedSecret(API_KEY_PREFIX)
    const names = { organization: DEFAULT_NAME, project: DEFAULT_NAME }
    const { organization, project } = this.#organizations.createWithProject(em, SYSTEM, names)
    this.#apiKeys.insert(em, { projectId: project.id }, SYSTEM, {
      note: 'Made at the first start',
      expiresAt: null,
      secretKey,
    })
    return {
      organizationId: organization.id,
      projectId: project.id,
      apiKey: secretKey,
      apiKeyGiven: given !== undefined,
      owner: await this.#owners.insert(em, [organization.id]),
    }
  }
}
