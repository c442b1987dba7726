import type { MountApi } from '../access/authorize.ts'
import type { Standing } from '../access/standing.ts'
import type { AuditModule } from '../audit/audit.module.ts'
import type { IdempotencyModule } from '../idempotency/idempotency.module.ts'
import type { Clock } from '../platform/clock.ts'
import type { Config } from '../platform/config.ts'
import type { Database } from '../platform/database.ts'
import type { SecretKeys } from '../platform/secret-keys.ts'
import type { SlowHash } from '../platform/slow-hash.ts'
import type { RecordModule } from '../record/record.module.ts'
import type { ResourceServersModule } from '../resource-servers/resource-servers.module.ts'
import { passRoutes } from './pass.routes.ts'
import { PassService } from './pass.service.ts'
import { PassStore } from './pass.store.ts'
import { PassChanges } from './pass-change.ts'
import { passOptionsRoutes } from './pass-options.routes.ts'
import { passSecretRoutes } from './pass-secret.routes.ts'
import { PassSecretService } from './pass-secret.service.ts'
import { PassSecrets } from './pass-secret.ts'
import { holdPass } from './pass-standing.store.ts'
import { PassUpdateService } from './pass-update.service.ts'

/** Passes, with their agents and secrets. */
export function passesModule(parts: {
  readonly audit: Pick<AuditModule, 'trail'>
  readonly clock: Clock
  readonly config: Pick<Config, 'apiBaseUrl'>
  readonly database: Database
  readonly idempotency: Pick<IdempotencyModule, 'service'>
  readonly keys: SecretKeys
  readonly record: Pick<RecordModule, 'totals'>
  readonly resourceServers: Pick<ResourceServersModule, 'service' | 'store'>
  readonly slowHash: SlowHash
}) {
  const { audit, clock, config, database, keys, record, resourceServers, slowHash } = parts
  const idempotency = parts.idempotency.service
  const store = new PassStore(database, clock, () => record.totals.flush())
  const secrets = new PassSecrets(keys, slowHash, (id, digest) => store.renewDigest(id, digest))
  const changes = new PassChanges(database, store, audit.trail, clock)
  const owners = resourceServers.service
  const service = new PassService(database, store, secrets, owners, changes, clock, config.apiBaseUrl)
  const updates = new PassUpdateService(service, store, owners, changes, clock)
  const secretService = new PassSecretService(service, store, secrets, changes, clock)
  const mount: MountApi = (api, authorize) => {
    passRoutes(api, authorize, service, updates, idempotency, clock)
    passSecretRoutes(api, authorize, secretService, idempotency, clock)
    passOptionsRoutes(api, authorize, resourceServers.store)
  }
  const standing: Standing['ofPass'] = (pass, route) => holdPass(pass, route, clock)
  return { service, store, secrets, standing, mount }
}

export type PassesModule = ReturnType<typeof passesModule>
