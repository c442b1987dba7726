import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** What remains of a deleted pass, so that its project can still read its activity for the retention period. */
export const TombstoneEntity = defineEntity({
  name: 'Tombstone',
  tableName: 'tombstones',
  properties: {
    agentUserId: p.uuid().primary(),
    projectId: p.uuid().index(),
    sentinelPassId: p.uuid(),
    passId: p.text(),
    title: p.text(),
    clientId: p.text(),
    deletedAt: p.datetime(3).index(),
  },
})

export type Tombstone = InferEntity<typeof TombstoneEntity>
