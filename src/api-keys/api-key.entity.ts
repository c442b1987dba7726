import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import { ProjectEntity } from '../organizations/project.entity.ts'

/** A project's key. The key itself is not here: only its keyed digest. */
export const ApiKeyEntity = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  properties: {
    id: p.uuid().primary(),
    project: p.manyToOne(ProjectEntity).deleteRule('restrict').index(),
    note: p.text(),
    digest: p.blob().unique(),
    createdAt: p.datetime(3),
    expiresAt: p.datetime(3).nullable(),
    lastUsedAt: p.datetime(3).nullable(),
  },
})

export type ApiKey = InferEntity<typeof ApiKeyEntity>
