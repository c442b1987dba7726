import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import type { Role } from '../access/role.ts'
import { OrganizationEntity } from './organization.entity.ts'

/** An offer to join an organization. The secret of its link is not here: only its keyed digest. */
export const InvitationEntity = defineEntity({
  name: 'Invitation',
  tableName: 'invitations',
  properties: {
    id: p.uuid().primary(),
    organization: p.manyToOne(OrganizationEntity).deleteRule('restrict').index(),
    /** In lower case, as users have it. */
    email: p.text().index(),
    role: p.text().$type<Role>(),
    digest: p.blob().unique(),
    /** Who made it, whether they are still there or not; null: of before that was kept, or made by the server. */
    invitedBy: p.uuid().nullable(),
    createdAt: p.datetime(3),
    expiresAt: p.datetime(3),
    acceptedAt: p.datetime(3).nullable(),
    /** Told to who has declined it and to nobody else: whether an address has an account is not the inviter's to know. */
    declinedAt: p.datetime(3).nullable(),
  },
})

export type Invitation = InferEntity<typeof InvitationEntity>
