import type { Actor } from '../access/actor.ts'
import type { AuditTrail } from '../audit/audit-trail.ts'
import type { EntityManager } from '../platform/database.ts'
import type { Invitation } from './invitation.entity.ts'

/** Notes what happened to an invitation on the trail of its organization. */
export function noteInvitation(
  audit: AuditTrail,
  em: EntityManager,
  actor: Actor,
  action: 'invitation.create' | 'invitation.accept' | 'invitation.delete',
  invitation: Invitation,
): void {
  const { email, role, expiresAt, acceptedAt } = invitation
  audit.noteIn(em, { organizationId: invitation.organization.id, projectId: null }, actor, {
    action,
    targetType: 'invitation',
    targetId: invitation.id,
    targetName: email,
    [action === 'invitation.delete' ? 'before' : 'after']: { role, expiresAt, acceptedAt },
  })
}
