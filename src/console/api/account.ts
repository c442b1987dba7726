import { queryOptions } from '@tanstack/react-query'
import type {
  AccountResource,
  SessionResource,
  TotpSecret,
  WaitingInvitationResource,
} from '../../users/user-answer.schema.ts'
import { attributes, call, type Paged, read, readAll, send } from './client.ts'

export type { AccountResource, SessionResource, TotpSecret, WaitingInvitationResource }

/** Who is signed in, and in which organizations as what. */
export const accountQuery = queryOptions({
  queryKey: ['account'],
  queryFn: async ({ signal }) => (await read<{ data: AccountResource }>('me', { signal })).data,
  staleTime: 60_000,
})

/** Every session ends by it, this one too. */
export async function changePassword(currentPassword: string, newPassword: string): Promise<void> {
  await call('PUT', 'me/password', attributes({ currentPassword, newPassword }))
}

export async function signOutEverywhere(): Promise<void> {
  await call('POST', 'me/sign_out_everywhere')
}

/** A secret for one-time codes, which counts once a code of it is confirmed. */
export async function enrolTotp(password: string): Promise<TotpSecret> {
  return (await send<{ meta: { totp: TotpSecret } }>('POST', 'me/totp', attributes({ password }))).meta.totp
}

/** The browsers that somebody is signed in with, that used last first. */
export const sessionsQuery = (page: number) =>
  queryOptions({
    queryKey: ['account', 'sessions', page],
    queryFn: ({ signal }) => read<Paged<SessionResource>>('me/sessions', { query: { page }, signal }),
  })

export async function endSession(id: string): Promise<void> {
  await call('DELETE', `me/sessions/${id}`)
}

export async function confirmTotp(code: string): Promise<void> {
  await call('POST', 'me/totp/confirm', attributes({ code }))
}

export async function removeTotp(password: string): Promise<void> {
  await call('POST', 'me/totp/disable', attributes({ password }))
}

export async function changeOwnName(name: string): Promise<void> {
  await call('PUT', 'me', attributes({ name }))
}

/** @throws ApiProblem `last_owner` where an organization would be left without an owner */
export async function deleteAccount(password: string): Promise<void> {
  await call('DELETE', 'me', attributes({ password }))
}

/** The invitations that wait for one's own yes. */
export const waitingInvitationsQuery = queryOptions({
  queryKey: [...accountQuery.queryKey, 'invitations'],
  queryFn: ({ signal }) => readAll<WaitingInvitationResource>('me/invitations', { signal }),
})

export async function acceptWaiting(id: string): Promise<void> {
  await call('POST', `me/invitations/${id}/accept`)
}

export async function declineWaiting(id: string): Promise<void> {
  await call('DELETE', `me/invitations/${id}`)
}
