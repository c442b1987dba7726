import { describeRoutes, pageOf } from '../http/operation.ts'
import { PROJECT_PATH } from '../organizations/organization.schema.ts'
import { auditQuery, auditResource } from './audit.schema.ts'

/** The routes of the audit trail. */
export const auditOperations = describeRoutes({
  'audit_events.list': {
    method: 'get',
    path: `${PROJECT_PATH}/audit_events`,
    tag: 'Audit trail',
    access: 'principal',
    summary: 'Who did what to which pass or key, from which address, newest first',
    query: auditQuery,
    answers: { 200: { description: 'A page of events', schema: pageOf(auditResource) } },
  },
})
