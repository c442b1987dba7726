import type { MountApi } from '../access/authorize.ts'
import type { AuditModule } from '../audit/audit.module.ts'
import type { IdempotencyModule } from '../idempotency/idempotency.module.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database.ts'
import type { SecretKeys } from '../platform/secret-keys.ts'
import { apiKeyRoutes } from './api-key.routes.ts'
import { ApiKeyService } from './api-key.service.ts'
import { ApiKeyStore } from './api-key.store.ts'
import { holdKey } from './api-key-standing.store.ts'

/** API keys of projects and of organizations. */
export function apiKeysModule(parts: {
  readonly audit: Pick<AuditModule, 'trail'>
  readonly clock: Clock
  readonly database: Database
  readonly idempotency: Pick<IdempotencyModule, 'service'>
  readonly keys: SecretKeys
}) {
  const { audit, clock, database, idempotency, keys } = parts
  const store = new ApiKeyStore(database)
  const service = new ApiKeyService(database, store, audit.trail, keys, clock)
  const mount: MountApi = (api, authorize) => apiKeyRoutes(api, authorize, service, idempotency.service)
  return { service, store, standing: holdKey, mount }
}

export type ApiKeysModule = ReturnType<typeof apiKeysModule>
