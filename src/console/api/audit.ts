import { queryOptions } from '@tanstack/react-query'
import type { AuditResource } from '../../audit/audit.schema.ts'
import { type Paged, read } from './client.ts'
import { type Place, projectPath } from './place.ts'

export type { AuditResource }

/** Whose audit trail: a project's, or that of an organization itself. */
export type AuditSubject = Place | { readonly orgId: string }

/** Whose account: one's own, or that of a member whom an owner may help. */
export type AccountSubject = 'me' | { readonly orgId: string; readonly userId: string }

const PER_PAGE = 25

export const auditQuery = (subject: AuditSubject, page: number) => {
  const path = 'projectId' in subject ? projectPath(subject) : `organizations/${subject.orgId}`
  return queryOptions({
    queryKey: ['audit', path, page],
    queryFn: ({ signal }) =>
      read<Paged<AuditResource>>(`${path}/audit_events`, { query: { page, per_page: PER_PAGE }, signal }),
    // Whoever looks wants to see what was done a moment ago.
    staleTime: 0,
  })
}

/** What happened to an account. */
export const accountEventsQuery = (subject: AccountSubject, page: number) => {
  const path = subject === 'me' ? 'me' : `organizations/${subject.orgId}/members/${subject.userId}`
  return queryOptions({
    queryKey: ['account events', path, page],
    queryFn: ({ signal }) =>
      read<Paged<AuditResource>>(`${path}/account_events`, { query: { page, per_page: 10 }, signal }),
    staleTime: 0,
  })
}
