import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import { OrganizationEntity } from '../organizations/organization.entity.ts'
import type { Role } from './role.ts'

/** An offer to join an organization. The secret of its link is not here: only its keyed digest. */
export const InvitationEntity = defineEntity({
  name: 'Invitation',
  tableName: 'invitations',
  properties: {
    id: p.uuid().primary(),
    organization: p.manyToOne(OrganizationEntity).deleteRule('restrict').index(),
    /** In lower case, as users have it. */
    email: p.text(),
    role: p.text().$type<Role>(),
    digest: p.blob().unique(),
    createdAt: p.datetime(3),
    expiresAt: p.datetime(3),
    acceptedAt: p.datetime(3).nullable(),
  },
})

export type Invitation = InferEntity<typeof InvitationEntity>
