import type { AuditModule } from '../audit/audit.module.ts'
import type { Database } from '../platform/database.ts'
import type { SlowHash } from '../platform/slow-hash.ts'
import { Passwords } from './passwords.ts'
import { UserStore } from './user.store.ts'
import { UserAudit } from './user-audit.ts'

/** Accounts as signing in, members and passes find them. */
export function accountsModule({
  audit,
  database,
  slowHash,
}: {
  readonly audit: Pick<AuditModule, 'trail'>
  readonly database: Database
  readonly slowHash: SlowHash
}) {
  return {
    users: new UserStore(database),
    passwords: new Passwords(slowHash),
    audit: new UserAudit(audit.trail),
  }
}

export type AccountsModule = ReturnType<typeof accountsModule>
