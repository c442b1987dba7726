import Router from '@koa/router'
import type { MountApi } from '../access/authorize.ts'
import type { AccountsModule } from '../accounts/accounts.module.ts'
import type { AuditModule } from '../audit/audit.module.ts'
import type { RequestState } from '../http/context.ts'
import { limitFailures, type RateLimiting } from '../http/rate-limiting.ts'
import type { ReadGate } from '../http/read-gate.ts'
import type { OrganizationsModule } from '../organizations/organizations.module.ts'
import type { Clock } from '../platform/clock.ts'
import type { Config } from '../platform/config.ts'
import type { Database } from '../platform/database.ts'
import type { SecretKeys } from '../platform/secret-keys.ts'
import type { SignInModule } from '../sign-in/sign-in.module.ts'
import { AccountService } from './account.service.ts'
import { addressRoutes } from './address.routes.ts'
import { InvitationService } from './invitation.service.ts'
import { meRoutes } from './me.routes.ts'
import { memberRoutes } from './member.routes.ts'
import { oneTimeRoutes } from './one-time.routes.ts'

/** What people do with their accounts, with members and with invitations. */
export async function usersModule(parts: {
  readonly accounts: AccountsModule
  readonly audit: Pick<AuditModule, 'store' | 'trail'>
  readonly clock: Clock
  readonly config: Pick<Config, 'organizationCreation' | 'publicUrl'>
  readonly database: Database
  readonly keys: SecretKeys
  readonly limits: RateLimiting | undefined
  readonly organizations: Omit<OrganizationsModule, 'mount' | 'service'>
  readonly reads: ReadGate
  readonly signIn: Pick<SignInModule, 'service' | 'sessions'>
}) {
  const { audit, clock, config, database, keys, limits, reads } = parts
  const { passwords, users, audit: userAudit } = parts.accounts
  const { service: signIn, sessions } = parts.signIn
  const { invitationStore, members, memberStore, store: organizations } = parts.organizations
  const accounts = new AccountService(
    database,
    users,
    memberStore,
    sessions,
    signIn,
    passwords,
    userAudit,
    keys,
    clock,
  )
  await accounts.reseal()
  const invitations = new InvitationService({
    ...{ database, store: invitationStore, members, memberStore, organizations, users, accounts, signIn },
    ...{ passwords, audit: audit.trail, userAudit, keys, clock, publicUrl: config.publicUrl },
  })
  const mount: MountApi = (api, authorize) => {
    memberRoutes(api, authorize, members, invitations, audit.store, reads)
    meRoutes(api, authorize, { accounts, invitations, auditStore: audit.store, reads, config })
    addressRoutes(api, authorize, accounts)
  }
  /** The routes of whom the secret of a one-time link lets in. */
  const mountOneTime = (people: Router<RequestState>) => {
    const oneTime = new Router<RequestState>()
    // A secret that was made up is not found.
    if (limits) oneTime.use(limitFailures(limits, (_ctx, status) => status === 401 || status === 404))
    oneTimeRoutes(oneTime, invitations, accounts)
    people.use(oneTime.routes())
  }
  return { accounts, invitations, mount, mountOneTime }
}

export type UsersModule = Awaited<ReturnType<typeof usersModule>>
