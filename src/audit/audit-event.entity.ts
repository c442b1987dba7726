import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** Who did what to which thing, from which address. Written in the transaction of the act, never changed. */
export const AuditEventEntity = defineEntity({
  name: 'AuditEvent',
  tableName: 'audit_events',
  indexes: [
    { name: 'audit_events_project_id_created_at_id_index', properties: ['projectId', 'createdAt', 'id'] },
  ],
  properties: {
    id: p.uuid().primary(),
    // Not a foreign key: what was done stays on record after the thing it was done to is gone.
    projectId: p.uuid(),
    actorType: p.text(),
    actorId: p.text().nullable(),
    actorName: p.text(),
    action: p.text(),
    targetType: p.text(),
    targetId: p.uuid(),
    targetName: p.text(),
    clientIp: p.text().nullable(),
    before: p.json<Record<string, unknown>>().nullable(),
    after: p.json<Record<string, unknown>>().nullable(),
    createdAt: p.datetime(3),
  },
})

export type AuditEvent = InferEntity<typeof AuditEventEntity>
