import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** What remains of a deleted organization, so that those who were in it can still read what was done in it. */
export const OrganizationTombstoneEntity = defineEntity({
  name: 'OrganizationTombstone',
  tableName: 'organization_tombstones',
  properties: {
    id: p.uuid().primary(),
    name: p.text(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
    deletedAt: p.datetime(3).index(),
  },
})

export type OrganizationTombstone = InferEntity<typeof OrganizationTombstoneEntity>
