import { queryOptions } from '@tanstack/react-query'
import type { AuditResource } from '../../audit/audit.schema.ts'
import { type ExportFormat, type Paged, read, readFile, type SavedFile } from './client.ts'
import { type Place, projectPath } from './place.ts'

export type { AuditResource }

/** Whose audit trail: a project's, or that of an organization itself. */
export type AuditSubject = Place | { readonly orgId: string }

/** Whose account: one's own, or that of a member whom an owner may help. */
export type AccountSubject = 'me' | { readonly orgId: string; readonly userId: string }

/** The filters of a trail, as the API has them. */
export interface AuditFilter {
  readonly action?: string | undefined
  readonly actor?: string | undefined
  readonly target?: string | undefined
  readonly start_date?: string | undefined
  readonly end_date?: string | undefined
}

const PER_PAGE = 25

export const auditQuery = (subject: AuditSubject, filter: AuditFilter, page: number) =>
  queryOptions({
    queryKey: ['audit', pathOf(subject), filter, page],
    queryFn: ({ signal }) =>
      read<Paged<AuditResource>>(pathOf(subject), { query: { ...filter, page, per_page: PER_PAGE }, signal }),
    // Whoever looks wants to see what was done a moment ago.
    staleTime: 0,
  })

/** The file of an export. @throws ApiProblem `too_many_rows` */
export function exportAudit(
  subject: AuditSubject,
  filter: AuditFilter,
  format: ExportFormat,
): Promise<SavedFile> {
  return readFile(`${pathOf(subject)}/export`, { ...filter, format })
}

function pathOf(subject: AuditSubject): string {
  const owner = 'projectId' in subject ? projectPath(subject) : `organizations/${subject.orgId}`
  return `${owner}/audit_events`
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
