import type { AccessTokensModule } from '../access-tokens/access-tokens.module.ts'
import type { AccountsModule } from '../accounts/accounts.module.ts'
import type { ApiKeysModule } from '../api-keys/api-keys.module.ts'
import type { AuditModule } from '../audit/audit.module.ts'
import type { IdempotencyModule } from '../idempotency/idempotency.module.ts'
import type { OAuthModule } from '../oauth/oauth.module.ts'
import type { OrganizationsModule } from '../organizations/organizations.module.ts'
import type { PassesModule } from '../passes/passes.module.ts'
import type { Clock } from '../platform/clock.ts'
import type { Config } from '../platform/config.ts'
import type { Database } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import type { ServerMetrics } from '../platform/metrics.ts'
import type { RecordModule } from '../record/record.module.ts'
import type { SignInModule } from '../sign-in/sign-in.module.ts'
import type { SigningKeysModule } from '../signing-keys/signing-keys.module.ts'
import { choresOf } from './chores.ts'
import { Retention } from './retention.ts'
import { RetentionRunStore } from './retention-run.store.ts'

/** Deletes what is past its time, of every feature; to be started, and stopped before the database is closed. */
export function retentionModule(parts: {
  readonly accessTokens: Pick<AccessTokensModule, 'store'>
  readonly accounts: Pick<AccountsModule, 'users'>
  readonly apiKeys: Pick<ApiKeysModule, 'store'>
  readonly audit: Pick<AuditModule, 'store'>
  readonly clock: Clock
  readonly config: Pick<Config, 'retentionDays'>
  readonly database: Database
  readonly idempotency: Pick<IdempotencyModule, 'store'>
  readonly logger: Logger
  readonly metrics: ServerMetrics
  readonly oauth: Pick<OAuthModule, 'replays'>
  readonly organizations: Pick<OrganizationsModule, 'invitationStore' | 'store'>
  readonly passes: Pick<PassesModule, 'store'>
  readonly record: Pick<RecordModule, 'lease' | 'partitions' | 'refusals'>
  readonly signIn: Pick<SignInModule, 'artifacts' | 'attempts' | 'sessions'>
  readonly signingKeys: Pick<SigningKeysModule, 'store'>
}): Retention {
  const { clock, config, database, logger, metrics, organizations, record, signIn } = parts
  const chores = choresOf(
    {
      apiKeyStore: parts.apiKeys.store,
      audit: parts.audit.store,
      idempotencyKeys: parts.idempotency.store,
      lease: record.lease,
      invitationStore: organizations.invitationStore,
      organizationStore: organizations.store,
      partitions: record.partitions,
      passStore: parts.passes.store,
      refusals: record.refusals,
      replays: parts.oauth.replays,
      sessionArtifacts: signIn.artifacts,
      sessions: signIn.sessions,
      signInAttempts: signIn.attempts,
      signingKeys: parts.signingKeys.store,
      tokens: parts.accessTokens.store,
      users: parts.accounts.users,
    },
    config.retentionDays,
  )
  return new Retention(new RetentionRunStore(database), chores, clock, logger, () =>
    metrics.retentionFaults.inc(),
  )
}
