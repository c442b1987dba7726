import { EndedTokenEntity } from './access-tokens/ended-token.entity.ts'
import { UserEntity } from './accounts/user.entity.ts'
import { ApiKeyEntity } from './api-keys/api-key.entity.ts'
import { AuditEventEntity } from './audit/audit-event.entity.ts'
import { IdempotencyKeyEntity } from './idempotency/idempotency-key.entity.ts'
import { ReplayIdEntity } from './oauth/replay-id.entity.ts'
import { WriteProbeEntity } from './operations/write-probe.entity.ts'
import { FormerMemberEntity } from './organizations/former-member.entity.ts'
import { InvitationEntity } from './organizations/invitation.entity.ts'
import { MemberEntity } from './organizations/member.entity.ts'
import { OrganizationEntity } from './organizations/organization.entity.ts'
import { OrganizationTombstoneEntity } from './organizations/organization-tombstone.entity.ts'
import { ProjectEntity } from './organizations/project.entity.ts'
import { ProjectTombstoneEntity } from './organizations/project-tombstone.entity.ts'
import { AgentEntity } from './passes/agent.entity.ts'
import { PassEntity } from './passes/pass.entity.ts'
import { PassSecretEntity } from './passes/pass-secret.entity.ts'
import { PassUsageEntity } from './passes/pass-usage.entity.ts'
import { TombstoneEntity } from './passes/tombstone.entity.ts'
import { ActivityEntity } from './record/activity.entity.ts'
import { ActivityEndpointEntity, ActivityRollupEntity } from './record/activity-rollup.entity.ts'
import { NodeEntity } from './record/node.entity.ts'
import { RefusalWindowEntity } from './record/refusal-window.entity.ts'
import { ResourceServerEntity } from './resource-servers/resource-server.entity.ts'
import { RetentionRunEntity } from './retention/retention-run.entity.ts'
import { SessionArtifactEntity } from './sign-in/session-artifact.entity.ts'
import { SignInAttemptsEntity } from './sign-in/sign-in-attempts.entity.ts'
import { UserSessionEntity } from './sign-in/user-session.entity.ts'
import { SigningKeyEntity } from './signing-keys/signing-key.entity.ts'

/** Every table. `platform/` knows no feature, so the list is handed to it. */
export const entities = [
  OrganizationEntity,
  OrganizationTombstoneEntity,
  ProjectEntity,
  ProjectTombstoneEntity,
  ApiKeyEntity,
  AuditEventEntity,
  ResourceServerEntity,
  AgentEntity,
  PassEntity,
  PassSecretEntity,
  PassUsageEntity,
  TombstoneEntity,
  EndedTokenEntity,
  SigningKeyEntity,
  ReplayIdEntity,
  ActivityEntity,
  ActivityRollupEntity,
  ActivityEndpointEntity,
  RefusalWindowEntity,
  NodeEntity,
  UserEntity,
  MemberEntity,
  FormerMemberEntity,
  InvitationEntity,
  SignInAttemptsEntity,
  SessionArtifactEntity,
  UserSessionEntity,
  IdempotencyKeyEntity,
  RetentionRunEntity,
  WriteProbeEntity,
]
