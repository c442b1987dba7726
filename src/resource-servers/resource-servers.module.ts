import type { MountApi } from '../access/authorize.ts'
import type { AuditModule } from '../audit/audit.module.ts'
import type { IdempotencyModule } from '../idempotency/idempotency.module.ts'
import type { OrganizationsModule } from '../organizations/organizations.module.ts'
import type { Clock } from '../platform/clock.ts'
import type { Config } from '../platform/config.ts'
import type { Database } from '../platform/database.ts'
import { MetadataReader } from './metadata-reader.ts'
import { ResourceServerProvisioning } from './provisioning.ts'
import { resourceServerRoutes } from './resource-server.routes.ts'
import { ResourceServerService } from './resource-server.service.ts'
import { ResourceServerStore } from './resource-server.store.ts'

/** Who owns an audience. `provisioning` is to be run before anything is granted. */
export function resourceServersModule(parts: {
  readonly audit: Pick<AuditModule, 'trail'>
  readonly clock: Clock
  readonly config: Pick<Config, 'apiBaseUrl' | 'privateMetadataAddresses' | 'publicUrl' | 'resourceServers'>
  readonly database: Database
  readonly idempotency: Pick<IdempotencyModule, 'service'>
  readonly organizations: Pick<OrganizationsModule, 'store'>
}) {
  const { audit, clock, config, database, idempotency, organizations } = parts
  const store = new ResourceServerStore(database)
  const service = new ResourceServerService(
    database,
    store,
    organizations.store,
    audit.trail,
    new MetadataReader(config.publicUrl, config.privateMetadataAddresses),
    clock,
    config.apiBaseUrl,
  )
  const mount: MountApi = (api, authorize) =>
    resourceServerRoutes(api, authorize, service, idempotency.service)
  return {
    service,
    store,
    provisioning: new ResourceServerProvisioning(database, store, service, clock, config.resourceServers),
    mount,
  }
}

export type ResourceServersModule = ReturnType<typeof resourceServersModule>
