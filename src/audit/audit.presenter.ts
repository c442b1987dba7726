import type { ExportedKind } from '../http/exports.ts'
import type { AuditResource } from './audit.schema.ts'
import type { AuditEvent } from './audit-event.entity.ts'

/** What leaves the server of an audit event. */
export function presentAuditEvent(event: AuditEvent): AuditResource {
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

/** Audit events as a file. */
export const AUDIT_EXPORT: ExportedKind<AuditResource> = {
  columns: [
    ...['id', 'created_at', 'action', 'actor_type', 'actor_id', 'actor_name'],
    ...['target_type', 'target_id', 'target_name', 'client_ip', 'before', 'after'],
  ],
  cells: ({ id, attributes: { action, actor, target, clientIp, before, after, createdAt } }) => [
    ...[id, createdAt, action, actor.type, actor.id, actor.name],
    ...[target.type, target.id, target.name, clientIp, before, after],
  ],
}
