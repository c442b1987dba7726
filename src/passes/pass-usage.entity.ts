import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/**
 * Authenticated uses of a pass: one row an agent, credential and node, so that nodes never contend; summed on
 * reading. Written with the sums of activity (`add_totals`), kept for the life of the pass.
 */
export const PassUsageEntity = defineEntity({
  name: 'PassUsage',
  tableName: 'pass_usage',
  primaryKeys: ['agentUserId', 'credentialId', 'node'],
  properties: {
    agentUserId: p.uuid().primary(),
    /** The secret that proved the use, or the nil UUID for a use by access token. */
    credentialId: p.uuid().primary(),
    node: p.smallint().primary(),
    uses: p.bigint('number'),
    lastUsedAt: p.datetime(3),
    lastUsedIp: p.text().nullable(),
  },
})

export type PassUsage = InferEntity<typeof PassUsageEntity>
