import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import type { KeyRole } from '../access/role.ts'
import { OrganizationEntity } from '../organizations/organization.entity.ts'
import { ProjectEntity } from '../organizations/project.entity.ts'

/** The key of a project, or of an organization with a role. The key itself is not here: only its keyed digest. */
export const ApiKeyEntity = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  checks: [
    {
      name: 'api_keys_owner_check',
      expression:
        '(project_id is null) <> (organization_id is null) and (organization_id is null) = (role is null)',
    },
  ],
  properties: {
    id: p.uuid().primary(),
    /** null: it is an organization's. */
    project: p.manyToOne(ProjectEntity).deleteRule('restrict').nullable().index(),
    /** null: it is a project's. */
    organization: p.manyToOne(OrganizationEntity).deleteRule('cascade').nullable().index(),
    /** What an organization's key may do in it and its projects. */
    role: p.text().$type<KeyRole>().nullable(),
    note: p.text(),
    digest: p.blob().unique(),
    createdAt: p.datetime(3),
    expiresAt: p.datetime(3).nullable(),
    lastUsedAt: p.datetime(3).nullable(),
  },
})

export type ApiKey = InferEntity<typeof ApiKeyEntity>

/** What a key is called where it acts. */
export function nameOfKey({ note, role }: Pick<ApiKey, 'note' | 'role'>): string {
  return note || (role ? 'Organization API key' : 'API key')
}
