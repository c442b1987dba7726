import type Router from '@koa/router'
import type { Authorize } from '../access/authorize.ts'
import { organizationOf, projectOf } from '../access/place.ts'
import type { AccessState } from '../access/principal.ts'
import { presentPage } from '../http/pagination.ts'
import { parseQuery } from '../http/validate.ts'
import { ORGANIZATION_PATH, PROJECT_PATH } from '../organizations/organization.schema.ts'
import { type AuditResource, auditQuery } from './audit.schema.ts'
import type { AuditEvent } from './audit-event.entity.ts'
import type { AuditTrail } from './audit-trail.ts'

/** The audit trail of a project, and that of an organization itself. */
export function auditRoutes(router: Router<AccessState>, authorize: Authorize, audit: AuditTrail): void {
  router.get(`${ORGANIZATION_PATH}/audit_events`, authorize('organizations.audit_events'), async ctx => {
    const query = parseQuery(auditQuery, ctx.query)
    const found = await audit.list({ organizationId: organizationOf(ctx) }, query.page, query.per_page)
    ctx.body = { data: found.items.map(presentAuditEvent), meta: presentPage(found) }
  })

  router.get(`${PROJECT_PATH}/audit_events`, authorize('audit_events.list'), async ctx => {
    const query = parseQuery(auditQuery, ctx.query)
    const found = await audit.list({ projectId: projectOf(ctx) }, query.page, query.per_page)
    ctx.body = { data: found.items.map(presentAuditEvent), meta: presentPage(found) }
  })
}

function presentAuditEvent(event: AuditEvent): AuditResource {
  return {
    id: event.id,
    type: 'audit_event',
    attributes: {
      action: event.action,
      actor: { type: event.actorType, id: event.actorId ?? null, name: event.actorName },
      target: { type: event.targetType, id: event.targetId, name: event.targetName },
      clientIp: event.clientIp ?? null,
      before: event.before ?? null,
      after: event.after ?? null,
      createdAt: event.createdAt.toISOString(),
    },
  }
}
