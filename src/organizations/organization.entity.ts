import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** The tenant: it has projects, and (with the people) members. */
export const OrganizationEntity = defineEntity({
  name: 'Organization',
  tableName: 'organizations',
  properties: {
    id: p.uuid().primary(),
    name: p.text(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
})

export type Organization = InferEntity<typeof OrganizationEntity>
