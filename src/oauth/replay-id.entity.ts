import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** Something that may be used once, by its SHA-256, until it could not be used anyway. */
export const ReplayIdEntity = defineEntity({
  name: 'ReplayId',
  tableName: 'replay_ids',
  properties: {
    hash: p.blob().primary(),
    expiresAt: p.datetime(3).index(),
  },
})

export type ReplayId = InferEntity<typeof ReplayIdEntity>
