import type { MountApi } from '../access/authorize.ts'
import type { AccountsModule } from '../accounts/accounts.module.ts'
import type { AuditModule } from '../audit/audit.module.ts'
import type { Clock } from '../platform/clock.ts'
import type { Config } from '../platform/config.ts'
import type { Database } from '../platform/database.ts'
import type { SecretKeys } from '../platform/secret-keys.ts'
import { InvitationStore } from './invitation.store.ts'
import { MemberService } from './member.service.ts'
import { MemberStore } from './member.store.ts'
import { organizationRoutes } from './organization.routes.ts'
import { OrganizationService } from './organization.service.ts'
import { OrganizationStore } from './organization.store.ts'

/** Organizations with their projects, and who belongs to them. */
export function organizationsModule(parts: {
  readonly accounts: Pick<AccountsModule, 'audit' | 'users'>
  readonly audit: Pick<AuditModule, 'trail'>
  readonly clock: Clock
  readonly config: Pick<Config, 'publicUrl'>
  readonly database: Database
  readonly keys: SecretKeys
}) {
  const { accounts, clock, config, database, keys } = parts
  const { trail } = parts.audit
  const store = new OrganizationStore(database)
  const memberStore = new MemberStore(database)
  const invitationStore = new InvitationStore(database)
  const members = new MemberService(
    database,
    memberStore,
    invitationStore,
    trail,
    accounts.audit,
    keys,
    clock,
    config.publicUrl,
  )
  const service = new OrganizationService(database, store, trail, members, memberStore, accounts.users, clock)
  const mount: MountApi = (api, authorize) => organizationRoutes(api, authorize, service)
  return { service, store, members, memberStore, invitationStore, mount }
}

export type OrganizationsModule = ReturnType<typeof organizationsModule>
