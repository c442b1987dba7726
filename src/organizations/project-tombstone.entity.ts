import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** What remains of a deleted project, so that its organization can still read what was done in it. */
export const ProjectTombstoneEntity = defineEntity({
  name: 'ProjectTombstone',
  tableName: 'project_tombstones',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid().index(),
    name: p.text(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
    deletedAt: p.datetime(3).index(),
  },
})

export type ProjectTombstone = InferEntity<typeof ProjectTombstoneEntity>
