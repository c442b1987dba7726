import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** Who did what to which thing, from which address. Written in the transaction of the act, never changed. */
export const AuditEventEntity = defineEntity({
  name: 'AuditEvent',
  tableName: 'audit_events',
  indexes: [
    { name: 'audit_events_created_at_index', properties: ['createdAt'] },
    { name: 'audit_events_project_id_created_at_id_index', properties: ['projectId', 'createdAt', 'id'] },
    {
      name: 'audit_events_organization_id_created_at_id_index',
      properties: ['organizationId', 'createdAt', 'id'],
    },
    { name: 'audit_events_target_id_created_at_id_index', properties: ['targetId', 'createdAt', 'id'] },
  ],
  properties: {
    id: p.uuid().primary(),
    // Not foreign keys: what was done stays on record after the thing it was done to is gone.
    /** null: an act on the organization or on a user, not in one of its projects. */
    projectId: p.uuid().nullable(),
    /** Set for what an organization reads of itself; null for what only its project does. */
    organizationId: p.uuid().nullable(),
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
