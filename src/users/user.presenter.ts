import type { User } from '../accounts/user.entity.ts'
import type { Invitation } from '../organizations/invitation.entity.ts'
import type { WaitingInvitation } from '../organizations/invitation.store.ts'
import type { Member } from '../organizations/member.entity.ts'
import type { OneTimeSecret } from '../organizations/member.service.ts'
import type { FormerMembership, Membership } from '../organizations/member.store.ts'
import type { UserSession } from '../sign-in/user-session.store.ts'
import type {
  AccountResource,
  InvitationResource,
  MemberResource,
  OneTimeSecretAnswer,
  SessionResource,
  WaitingInvitationResource,
} from './user-answer.schema.ts'

/** What somebody sees of their own account. @param founder whether they may make organizations */
export function presentAccount({
  user,
  memberships,
  former,
  founder,
}: {
  readonly user: User
  readonly memberships: readonly Membership[]
  readonly former: readonly FormerMembership[]
  readonly founder: boolean
}): AccountResource {
  return {
    id: user.id,
    type: 'user',
    attributes: {
      email: user.email,
      name: user.name,
      totp: Boolean(user.totpSecret),
      instanceOwner: memberships.some(({ operators, role }) => operators && role === 'OWNER'),
      mayCreateOrganizations: founder,
      organizations: memberships.map(({ organizationId, organizationName, role, requiresTotp }) => ({
        id: organizationId,
        name: organizationName,
        role,
        requiresTotp,
      })),
      deletedOrganizations: former.map(({ organizationId, organizationName, role, deletedAt }) => ({
        id: organizationId,
        name: organizationName,
        role,
        deletedAt: deletedAt.toISOString(),
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

/**
 * What an organization sees of a member. The id is the user's.
 * @param signIns whether the caller may know how and when they sign in
 */
export function presentMember({ user, role, createdAt }: Member, signIns: boolean): MemberResource {
  return {
    id: user.id,
    type: 'member',
    attributes: {
      email: user.email,
      name: user.name,
      role,
      totp: signIns ? Boolean(user.totpSecret) : null,
      lastSignedInAt: (signIns && user.lastSignedInAt?.toISOString()) || null,
      createdAt: createdAt.toISOString(),
    },
  }
}

/** What somebody sees of an invitation to themselves. */
export function presentWaitingInvitation(invitation: WaitingInvitation): WaitingInvitationResource {
  const { id, organizationId, organizationName, role, createdAt, expiresAt } = invitation
  const { inviterName: name, inviterEmail: email } = invitation
  return {
    id,
    type: 'invitation',
    attributes: {
      organization: { id: organizationId, name: organizationName },
      role,
      invitedBy: name === null || email === null ? null : { name, email },
      createdAt: createdAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
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
