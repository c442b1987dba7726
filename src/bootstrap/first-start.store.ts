import { OPERATORS_ORGANIZATION } from '../organizations/organization.store.ts'
import type { Database, EntityManager } from '../platform/database.ts'

const FIRST_START_LOCK = 7_265_016

/** What an automation needs to go on with what the first start made. Null: there is none any more. */
export interface FirstIds {
  readonly organizationId: string | null
  readonly projectId: string | null
  readonly apiKeyId: string | null
  readonly ownerId: string | null
  readonly ownerEmail: string | null
}

const NOTHING: FirstIds = {
  organizationId: null,
  projectId: null,
  apiKeyId: null,
  ownerId: null,
  ownerEmail: null,
}

/** Has one node at a time make the first start, and finds again what it made: its organization, and the oldest project, API key and owner that it still has. */
export class FirstStartStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Holds the first start until the transaction ends: of several nodes at once, one makes it and the others find it. */
  async lock(em: EntityManager): Promise<void> {
    await em.execute(`select pg_advisory_xact_lock(${FIRST_START_LOCK})`)
  }

  async ids(): Promise<FirstIds> {
    const rows = await this.#database.query<FirstIds>(
      `select o.id as "organizationId", j.id as "projectId", k.id as "apiKeyId",
         u.id as "ownerId", u.email as "ownerEmail"
       from (${OPERATORS_ORGANIZATION}) o
       left join lateral (
         select id from projects where organization_id = o.id order by created_at, id limit 1
       ) j on true
       left join lateral (
         select id from api_keys where project_id = j.id order by created_at, id limit 1
       ) k on true
       left join lateral (
         select u.id, u.email from members m join users u on u.id = m.user_id
         where m.organization_id = o.id and m.role = 'OWNER' order by m.created_at, m.id limit 1
       ) u on true`,
    )
    return rows[0] ?? NOTHING
  }
}
