import { queryOptions } from '@tanstack/react-query'
import type { Role } from '../../access/role.ts'
import type {
  InvitationResource,
  MemberResource,
  OneTimeSecretAnswer,
} from '../../users/user-answer.schema.ts'
import { attributes, call, readAll, send } from './client.ts'

export type { InvitationResource, MemberResource, Role }
/** A link that is shown once. */
export type OneTimeLink = OneTimeSecretAnswer

const members = (orgId: string) => `organizations/${orgId}/members`
const invitations = (orgId: string) => `organizations/${orgId}/invitations`

export const membersQuery = (orgId: string) =>
  queryOptions({
    queryKey: ['organizations', orgId, 'members'],
    queryFn: ({ signal }) => readAll<MemberResource>(members(orgId), { signal }),
  })

export async function changeRole(orgId: string, userId: string, role: Role): Promise<void> {
  await call('PUT', `${members(orgId)}/${userId}`, attributes({ role }))
}

export async function removeMember(orgId: string, userId: string): Promise<void> {
  await call('DELETE', `${members(orgId)}/${userId}`)
}

export async function leaveOrganization(orgId: string): Promise<void> {
  await call('DELETE', `${members(orgId)}/me`)
}

/** Makes a link by which a member sets a new password. */
/** @param dropTotp whether their one-time codes go as well */
export async function resetPassword(orgId: string, userId: string, dropTotp: boolean): Promise<OneTimeLink> {
  const path = `${members(orgId)}/${userId}/password_reset`
  return (await send<{ meta: { passwordReset: OneTimeLink } }>('POST', path, attributes({ dropTotp }))).meta
    .passwordReset
}

export const invitationsQuery = (orgId: string) =>
  queryOptions({
    queryKey: ['organizations', orgId, 'invitations'],
    queryFn: ({ signal }) => readAll<InvitationResource>(invitations(orgId), { signal }),
  })

export async function invite(
  orgId: string,
  invitation: { readonly email: string; readonly role: Role },
): Promise<OneTimeLink> {
  const answer = await send<{ meta: { invitation: OneTimeLink } }>(
    'POST',
    invitations(orgId),
    attributes(invitation),
  )
  return answer.meta.invitation
}

export async function withdrawInvitation(orgId: string, id: string): Promise<void> {
  await call('DELETE', `${invitations(orgId)}/${id}`)
}

/** What somebody shows who accepts: a name for a new account, or the proof that an account is theirs. */
export interface Acceptance {
  readonly secret: string
  readonly name?: string
  readonly password: string
  readonly code?: string
}

export async function acceptInvitation(acceptance: Acceptance): Promise<MemberResource> {
  const options = { ...attributes(acceptance), open: true }
  return (await send<{ data: MemberResource }>('POST', 'invitations/accept', options)).data
}

export async function redeemPasswordReset(secret: string, password: string): Promise<void> {
  await call('POST', 'password_resets/redeem', { ...attributes({ secret, password }), open: true })
}
