import { defineEntity, p } from '@mikro-orm/core'
import type { Role } from '../access/role.ts'
import { UserEntity } from '../accounts/user.entity.ts'
import { OrganizationTombstoneEntity } from './organization-tombstone.entity.ts'

/** Who was a member of an organization when it was deleted: what they could read of its record, they still can. */
export const FormerMemberEntity = defineEntity({
  name: 'FormerMember',
  tableName: 'former_members',
  uniques: [{ name: 'former_members_organization_id_user_id_unique', properties: ['organization', 'user'] }],
  properties: {
    id: p.uuid().primary(),
    organization: p.manyToOne(OrganizationTombstoneEntity).deleteRule('cascade'),
    user: p.manyToOne(UserEntity).deleteRule('cascade').index(),
    role: p.text().$type<Role>(),
  },
})
