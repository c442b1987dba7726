import type Router from '@koa/router'
import type { Authorize } from '../access/authorize.ts'
import { ORGANIZATION_PATH, PROJECT_PATH } from '../access/paths.ts'
import { organizationOf, projectOf } from '../access/place.ts'
import type { AccessContext, AccessState } from '../access/principal.ts'
import { sendExport } from '../http/exports.ts'
import { presentPage } from '../http/pagination.ts'
import type { ReadGate } from '../http/read-gate.ts'
import { parseQuery } from '../http/validate.ts'
import type { Clock } from '../platform/clock.ts'
import { AUDIT_EXPORT, presentAuditEvent } from './audit.presenter.ts'
import { type AuditResource, auditExportQuery, auditQuery } from './audit.schema.ts'
import type { AuditStore, TrailOf } from './audit.store.ts'
import type { AuditEvent } from './audit-event.entity.ts'

/** The audit trail of a project, and that of an organization itself. */
export function auditRoutes(
  router: Router<AccessState>,
  authorize: Authorize,
  audit: AuditStore,
  reads: ReadGate,
  clock: Clock,
): void {
  const answerPage = async (ctx: AccessContext, trail: TrailOf) => {
    const query = parseQuery(auditQuery, ctx.query)
    const found = await reads.read(() => audit.list(trail, query))
    ctx.body = { data: found.items.map(presentAuditEvent), meta: presentPage(found) }
  }
  const answerExport = async (ctx: AccessContext, trail: TrailOf, of: string) => {
    const query = parseQuery(auditExportQuery, ctx.query)
    const chunks = await reads.read(() => audit.export(trail, query))
    const events = presented(reads.parts(chunks))
    sendExport(ctx, events, AUDIT_EXPORT, query, { name: `sentinel-pass-audit-${of}`, at: clock.date() })
  }

  router.get(`${ORGANIZATION_PATH}/audit_events`, authorize('organizations.audit_events'), ctx =>
    answerPage(ctx, { organizationId: organizationOf(ctx) }),
  )
  router.get(
    `${ORGANIZATION_PATH}/audit_events/export`,
    authorize('organizations.export_audit_events'),
    ctx => answerExport(ctx, { organizationId: organizationOf(ctx) }, 'organization'),
  )
  router.get(`${PROJECT_PATH}/audit_events`, authorize('audit_events.list'), ctx =>
    answerPage(ctx, { projectId: projectOf(ctx) }),
  )
  router.get(`${PROJECT_PATH}/audit_events/export`, authorize('audit_events.export'), ctx =>
    answerExport(ctx, { projectId: projectOf(ctx) }, 'project'),
  )
}

async function* presented(chunks: AsyncIterable<AuditEvent[]>): AsyncGenerator<AuditResource[]> {
  for await (const events of chunks) yield events.map(presentAuditEvent)
}
