import type { UserTokens } from '../access/authenticate.ts'
import type { UserPrincipal } from '../access/principal.ts'
import type { Role } from '../access/role.ts'
import { OPERATORS_ORGANIZATION } from '../organizations/organization.store.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database.ts'
import { bearerHash } from './session-artifact.store.ts'

/** Whether the organization of a membership wants one-time codes that its user has not set up. */
const IS_WITHHELD = `(u.totp_secret is null
  and (select o.requires_totp from organizations o where o.id = m.organization_id))`

interface UserRow {
  readonly id: string
  readonly email: string
  readonly epoch: number
  readonly grantId: string
  readonly sessionId: string
  readonly roles: Record<string, Role>
  readonly withheld: Record<string, Role>
  readonly formerRoles: Record<string, Role>
  readonly ownedInstance: string | null
}

/** Finds the user behind an access token. */
export class UserTokenStore implements UserTokens {
  readonly #database: Database
  readonly #clock: Clock

  constructor(database: Database, clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  /**
   * The user as they are now, with their roles.
   * @returns undefined when the token is unknown or past its time, its session has ended, or the user's epoch has moved on
   */
  async findUser(value: string): Promise<UserPrincipal | undefined> {
    const rows = await this.#database.query<UserRow>(
      `select u.id, u.email, u.epoch, t.grant_id as "grantId", s.id as "sessionId",
         (select coalesce(json_object_agg(m.organization_id, m.role), '{}') from members m
           where m.user_id = u.id and not ${IS_WITHHELD}) as roles,
         (select coalesce(json_object_agg(m.organization_id, m.role), '{}') from members m
           where m.user_id = u.id and ${IS_WITHHELD}) as withheld,
         (select coalesce(json_object_agg(m.organization_id, m.role), '{}') from former_members m where m.user_id = u.id)
           as "formerRoles",
         (select m.organization_id from members m where m.user_id = u.id and m.role = 'OWNER' and not ${IS_WITHHELD}
           and m.organization_id = (${OPERATORS_ORGANIZATION})) as "ownedInstance"
       from oidc_artifacts t join users u
         on u.id = split_part(t.payload->>'accountId', '.', 1)::uuid
         and u.epoch = split_part(t.payload->>'accountId', '.', 2)::int
       join user_sessions s
         on s.uid = t.payload->>'sessionUid' and s.user_id = u.id and s.expires_at > $2::timestamptz
       where t.model = 'AccessToken' and t.id_hash = decode($1, 'hex') and t.expires_at > $2::timestamptz
         and exists (select from oidc_artifacts g
           where g.model = 'Grant' and g.grant_id = t.grant_id and g.expires_at > $2::timestamptz)`,
      [bearerHash(value), this.#clock.date().toISOString()],
    )
    const row = rows[0]
    if (!row) return undefined
    const { id, email, epoch, grantId, sessionId, roles, withheld, formerRoles, ownedInstance } = row
    return {
      ...{ kind: 'user', id, epoch, grantId, sessionId, name: email },
      roles: new Map(Object.entries(roles)),
      withheld: new Map(Object.entries(withheld)),
      formerRoles: new Map(Object.entries(formerRoles)),
      ownedInstance: ownedInstance ?? undefined,
    }
  }
}
