import type { TokenStore } from '../access-tokens/token.store.ts'
import type { UserStore } from '../accounts/user.store.ts'
import type { ApiKeyStore } from '../api-keys/api-key.store.ts'
import type { AuditStore } from '../audit/audit.store.ts'
import type { IdempotencyKeyStore } from '../idempotency/idempotency-key.store.ts'
import type { ReplayStore } from '../oauth/replay.store.ts'
import type { InvitationStore } from '../organizations/invitation.store.ts'
import type { OrganizationStore } from '../organizations/organization.store.ts'
import type { PassStore } from '../passes/pass.store.ts'
import type { NodeLease } from '../record/node-lease.ts'
import type { Partitions } from '../record/partitions.ts'
import type { RefusalWindowStore } from '../record/refusal-window.store.ts'
import type { SessionArtifactStore } from '../sign-in/session-artifact.store.ts'
import type { SignInAttemptsStore } from '../sign-in/sign-in-attempts.store.ts'
import type { UserSessionStore } from '../sign-in/user-session.store.ts'
import type { SigningKeyStore } from '../signing-keys/signing-key.store.ts'
import type { Chore } from './retention.ts'

const DAY_MS = 86_400_000
/** Who did what is asked for later than what was done: a year, or longer where activity is kept longer. */
const AUDIT_DAYS = 365

/** The stores of what grows without end. */
export interface SweptStores {
  readonly apiKeyStore: Pick<ApiKeyStore, 'deleteExpired'>
  readonly audit: Pick<AuditStore, 'deleteBefore'>
  readonly idempotencyKeys: Pick<IdempotencyKeyStore, 'deleteExpired' | 'forgetAnswers'>
  readonly lease: Pick<NodeLease, 'deleteUnused'>
  readonly invitationStore: Pick<InvitationStore, 'deletePast'>
  readonly organizationStore: Pick<OrganizationStore, 'deleteTombstones' | 'deleteOrganizationTombstones'>
  readonly partitions: Pick<Partitions, 'dropBefore'>
  readonly passStore: Pick<PassStore, 'deleteEndedSecrets' | 'deleteTombstones'>
  readonly refusals: Pick<RefusalWindowStore, 'deleteOver'>
  readonly replays: Pick<ReplayStore, 'deleteExpired'>
  readonly sessionArtifacts: Pick<SessionArtifactStore, 'deleteExpired'>
  readonly sessions: Pick<UserSessionStore, 'deleteExpired'>
  readonly signInAttempts: Pick<SignInAttemptsStore, 'deleteForgotten'>
  readonly signingKeys: Pick<SigningKeyStore, 'deleteServed'>
  readonly tokens: Pick<TokenStore, 'deleteEnds'>
  readonly users: Pick<UserStore, 'closeExpiredResets'>
}

/**
 * What is deleted when its time is over. What people may still want to look up is kept for the retention period, all
 * else until it is good for nothing.
 */
export function choresOf(stores: SweptStores, retentionDays: number): Chore[] {
  const daysBefore = (now: Date, days: number) => new Date(now.getTime() - days * DAY_MS)
  const kept = (now: Date) => daysBefore(now, retentionDays)
  const auditKept = (now: Date) => daysBefore(now, Math.max(AUDIT_DAYS, retentionDays))
  return [
    { name: 'activity', sweep: (now, limit) => stores.partitions.dropBefore(kept(now), limit) },
    { name: 'tombstones', sweep: (now, limit) => stores.passStore.deleteTombstones(kept(now), limit) },
    { name: 'api_keys', sweep: (now, limit) => stores.apiKeyStore.deleteExpired(kept(now), limit) },
    { name: 'invitations', sweep: (now, limit) => stores.invitationStore.deletePast(kept(now), limit) },
    { name: 'signing_keys', sweep: now => stores.signingKeys.deleteServed(kept(now)) },
    { name: 'audit_events', sweep: (now, limit) => stores.audit.deleteBefore(auditKept(now), limit) },
    {
      name: 'deleted_projects',
      sweep: (now, limit) => stores.organizationStore.deleteTombstones(auditKept(now), limit),
    },
    {
      name: 'deleted_organizations',
      sweep: (now, limit) => stores.organizationStore.deleteOrganizationTombstones(auditKept(now), limit),
    },
    { name: 'pass_secrets', sweep: (now, limit) => stores.passStore.deleteEndedSecrets(now, limit) },
    { name: 'ended_tokens', sweep: (now, limit) => stores.tokens.deleteEnds(now, limit) },
    { name: 'sessions', sweep: (now, limit) => stores.sessionArtifacts.deleteExpired(now, limit) },
    { name: 'signed_in', sweep: (now, limit) => stores.sessions.deleteExpired(now, limit) },
    { name: 'password_resets', sweep: (now, limit) => stores.users.closeExpiredResets(now, limit) },
    { name: 'sign_in_attempts', sweep: (now, limit) => stores.signInAttempts.deleteForgotten(now, limit) },
    { name: 'replay_ids', sweep: (now, limit) => stores.replays.deleteExpired(now, limit) },
    { name: 'idempotent_answers', sweep: (now, limit) => stores.idempotencyKeys.forgetAnswers(now, limit) },
    { name: 'idempotency_keys', sweep: (now, limit) => stores.idempotencyKeys.deleteExpired(now, limit) },
    { name: 'refusal_windows', sweep: (now, limit) => stores.refusals.deleteOver(now, limit) },
    { name: 'nodes', sweep: (_now, limit) => stores.lease.deleteUnused(limit) },
  ]
}
