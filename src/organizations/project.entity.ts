import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import { OrganizationEntity } from './organization.entity.ts'

/** Owns passes and API keys; nothing of one project is visible to another. */
export const ProjectEntity = defineEntity({
  name: 'Project',
  tableName: 'projects',
  properties: {
    id: p.uuid().primary(),
    organization: p.manyToOne(OrganizationEntity).deleteRule('restrict').index(),
    name: p.text(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
})

export type Project = InferEntity<typeof ProjectEntity>
