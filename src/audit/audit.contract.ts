import { describeRoutes, pageOf } from '../http/operation.ts'
import { ORGANIZATION_PATH, PROJECT_PATH } from '../organizations/organization.schema.ts'
import { auditQuery, auditResource } from './audit.schema.ts'

const common = {
  method: 'get',
  tag: 'Audit trail',
  access: 'principal',
  query: auditQuery,
  answers: { 200: { description: 'A page of events', schema: pageOf(auditResource) } },
} as const

/** The routes of the audit trail. */
export const auditOperations = describeRoutes({
  'audit_events.list': {
    ...common,
    path: `${PROJECT_PATH}/audit_events`,
    summary: 'Who did what to which pass or key, from which address, newest first',
  },
  'organizations.audit_events': {
    ...common,
    path: `${ORGANIZATION_PATH}/audit_events`,
    summary: 'Who did what to the organization, its members, invitations and projects, newest first',
  },
})
