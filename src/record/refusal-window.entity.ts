import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** Refused grants of one agent from one address within one minute: how many, and the row that sums the surplus. */
export const RefusalWindowEntity = defineEntity({
  name: 'RefusalWindow',
  tableName: 'refusal_windows',
  primaryKeys: ['agentUserId', 'clientIp', 'minute'],
  properties: {
    agentUserId: p.uuid().primary(),
    clientIp: p.text().primary(),
    minute: p.datetime(0).primary(),
    attempts: p.integer(),
    summaryId: p.uuid().nullable(),
    summaryStartedAt: p.datetime(3).nullable(),
  },
})

export type RefusalWindow = InferEntity<typeof RefusalWindowEntity>
