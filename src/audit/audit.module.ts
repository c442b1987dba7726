import type { MountApi } from '../access/authorize.ts'
import type { ReadGate } from '../http/read-gate.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database.ts'
import { auditRoutes } from './audit.routes.ts'
import { AuditStore } from './audit.store.ts'
import { AuditTrail } from './audit-trail.ts'

/** Who did what: the trail that acts are noted on, and the store that it is read from. */
export function auditModule({
  clock,
  database,
  reads,
}: {
  readonly clock: Clock
  readonly database: Database
  readonly reads: ReadGate
}) {
  const store = new AuditStore(database)
  const mount: MountApi = (api, authorize) => auditRoutes(api, authorize, store, reads, clock)
  return { trail: new AuditTrail(clock), store, mount }
}

export type AuditModule = ReturnType<typeof auditModule>
