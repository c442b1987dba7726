import type { AccountsModule } from '../accounts/accounts.module.ts'
import type { ApiKeysModule } from '../api-keys/api-keys.module.ts'
import type { OrganizationsModule } from '../organizations/organizations.module.ts'
import type { Config } from '../platform/config.ts'
import type { Database } from '../platform/database.ts'
import type { UsersModule } from '../users/users.module.ts'
import { Bootstrap } from './bootstrap.ts'
import { FirstOwners } from './first-owner.ts'
import { FirstStartStore } from './first-start.store.ts'

/** What the first start makes. */
export function bootstrapModule(parts: {
  readonly accounts: Pick<AccountsModule, 'passwords' | 'users'>
  readonly apiKeys: Pick<ApiKeysModule, 'service'>
  readonly config: Pick<Config, 'adminEmail' | 'adminPassword' | 'bootstrapApiKey'>
  readonly database: Database
  readonly organizations: Pick<OrganizationsModule, 'members' | 'service' | 'store'>
  readonly users: Pick<UsersModule, 'accounts'>
}) {
  const { accounts, apiKeys, config, database, organizations, users } = parts
  const starts = new FirstStartStore(database)
  const bootstrap = new Bootstrap(
    database,
    organizations.service,
    organizations.store,
    apiKeys.service,
    accounts.users,
    new FirstOwners(users.accounts, organizations.members, accounts.passwords, config),
    starts,
    config,
  )
  return {
    /** Makes what is missing, and nothing where nothing is. */
    run: () => bootstrap.run(),
    /** The ids of what was made, of what of it there still is. */
    ids: () => starts.ids(),
  }
}
