import { ORGANIZATION_PATH, PROJECT_PATH } from '../access/paths.ts'
import { exportContent } from '../http/exports.ts'
import { describeRoutes, pageOf } from '../http/operation.ts'
import { auditExportQuery, auditQuery, auditResource } from './audit.schema.ts'

const common = { method: 'get', tag: 'Audit trail', access: 'principal' } as const
const page = {
  ...common,
  query: auditQuery,
  answers: { 200: { description: 'A page of events', schema: pageOf(auditResource) } },
  problems: ['read_too_long'],
} as const
const file = {
  ...common,
  query: auditExportQuery,
  answers: {
    200: {
      description: 'The file',
      content: exportContent(auditResource),
      headers: ['Content-Disposition', 'Cache-Control'],
    },
  },
  problems: ['too_many_rows', 'read_too_long'],
} as const

/** The routes of the audit trail. */
export const auditOperations = describeRoutes({
  'audit_events.list': {
    ...page,
    path: `${PROJECT_PATH}/audit_events`,
    summary: 'Who did what to which pass or key, from which address, newest first',
  },
  'audit_events.export': {
    ...file,
    path: `${PROJECT_PATH}/audit_events/export`,
    summary: 'The same events as a file, up to 10,000',
  },
  'organizations.audit_events': {
    ...page,
    path: `${ORGANIZATION_PATH}/audit_events`,
    summary: 'Who did what to the organization, its members, invitations and projects, newest first',
  },
  'organizations.export_audit_events': {
    ...file,
    path: `${ORGANIZATION_PATH}/audit_events/export`,
    summary: 'The same events as a file, up to 10,000',
  },
})
