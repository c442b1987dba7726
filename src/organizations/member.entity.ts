import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import type { Role } from '../access/role.ts'
import { UserEntity } from '../accounts/user.entity.ts'
import { OrganizationEntity } from './organization.entity.ts'

/** A user in an organization, with what they may do there. */
export const MemberEntity = defineEntity({
  name: 'Member',
  tableName: 'members',
  uniques: [{ name: 'members_organization_id_user_id_unique', properties: ['organization', 'user'] }],
  properties: {
    id: p.uuid().primary(),
    organization: p.manyToOne(OrganizationEntity).deleteRule('restrict'),
    user: p.manyToOne(UserEntity).deleteRule('cascade').index(),
    role: p.text().$type<Role>(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
})

export type Member = InferEntity<typeof MemberEntity>
