import type { MountApi } from '../access/authorize.ts'
import type { AuditModule } from '../audit/audit.module.ts'
import type { OrganizationStore } from '../organizations/organization.store.ts'
import type { Clock } from '../platform/clock.ts'
import type { Config } from '../platform/config.ts'
import type { Database } from '../platform/database.ts'
import type { SecretKeys } from '../platform/secret-keys.ts'
import { signingKeyRoutes } from './signing-key.routes.ts'
import { SigningKeyStore } from './signing-key.store.ts'

/** Signing keys, sealed under the newest secret key, and one of each algorithm to sign with. */
export async function signingKeysModule(parts: {
  readonly audit: Pick<AuditModule, 'trail'>
  readonly clock: Clock
  readonly config: Pick<Config, 'signingKeyDays'>
  readonly database: Database
  readonly keys: SecretKeys
  readonly organizations: { readonly store: Pick<OrganizationStore, 'isOperators'> }
}) {
  const { audit, clock, config, database, keys, organizations } = parts
  const store = new SigningKeyStore(database, keys, clock, config.signingKeyDays)
  await store.reseal()
  await store.prepare()
  const mount: MountApi = (api, authorize) =>
    signingKeyRoutes(api, authorize, store, organizations.store, audit.trail)
  return { store, mount }
}

export type SigningKeysModule = Awaited<ReturnType<typeof signingKeysModule>>
