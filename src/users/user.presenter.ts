import type { Invitation } from './invitation.entity.ts'
import type { Member } from './member.entity.ts'
import type { OneTimeSecret } from './member.service.ts'
import type { User } from './user.entity.ts'
import type { Membership } from './user.store.ts'
import type {
  AccountResource,
  InvitationResource,
  MemberResource,
  OneTimeSecretAnswer,
  SessionResource,
} from './user-answer.schema.ts'
import type { UserSession } from './user-session.store.ts'

/** What somebody sees of their own account. */
export function presentAccount(user: User, memberships: readonly Membership[]): AccountResource {
  return {
    id: user.id,
    type: 'user',
    attributes: {
      email: user.email,
      name: user.name,
      totp: Boolean(user.totpSecret),
      instanceOwner: memberships.some(({ operators, role }) => operators && role === 'OWNER'),
      organizations: memberships.map(({ organizationId, organizationName, role, requiresTotp }) => ({
        id: organizationId,
        name: organizationName,
        role,
        requiresTotp,
      })),
      lastSignedInAt: user.lastSignedInAt?.toISOString() ?? null,
      createdAt: user.createdAt.toISOString(),
    },
  }
}

/** @param currentId of the session that asks */
export function presentSession(session: UserSession, currentId: string): SessionResource {
  const { id, signedInAt, lastUsedAt, expiresAt, clientIp, userAgent } = session
  return {
    id,
    type: 'session',
    attributes: {
      signedInAt: new Date(signedInAt).toISOString(),
      lastUsedAt: new Date(lastUsedAt).toISOString(),
      expiresAt: new Date(expiresAt).toISOString(),
      clientIp,
      userAgent,
      current: id === currentId,
    },
  }
}

/** What an organization sees of a member. The id is the user's. */
export function presentMember({ user, role, createdAt }: Member): MemberResource {
  return {
    id: user.id,
    type: 'member',
    attributes: {
      email: user.email,
      name: user.name,
      role,
      totp: Boolean(user.totpSecret),
      lastSignedInAt: user.lastSignedInAt?.toISOString() ?? null,
      createdAt: createdAt.toISOString(),
    },
  }
}

export function presentInvitation(invitation: Invitation): InvitationResource {
  const { id, email, role, createdAt, expiresAt, acceptedAt } = invitation
  return {
    id,
    type: 'invitation',
    attributes: {
      email,
      role,
      createdAt: createdAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
      acceptedAt: acceptedAt?.toISOString() ?? null,
    },
  }
}

/** Shown in the answer that makes it and never again. */
export function presentOnce({ secret, link, expiresAt }: OneTimeSecret): OneTimeSecretAnswer {
  return { secret, link, expiresAt: expiresAt.toISOString() }
}
