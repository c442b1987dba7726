import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** The tenant: it has projects, and (with the people) members. */
export const OrganizationEntity = defineEntity({
  name: 'Organization',
  tableName: 'organizations',
  properties: {
    id: p.uuid().primary(),
    name: p.text(),
    /** Whether it is there only for members who have one-time codes. */
    requiresTotp: p.boolean().default(false),
    /**
     * Whether its invitations make accounts: an owner of the instance made it, and with that trusts its owners to say
     * whose an address is. One that anybody made has only people with an account join.
     */
    makesAccounts: p.boolean(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
})

export type Organization = InferEntity<typeof OrganizationEntity>
