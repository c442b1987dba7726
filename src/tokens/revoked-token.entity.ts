import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/**
 * A token that was ended before its time, until that time: what is kept elsewhere and comes back, such as a Redis
 * restored from a snapshot, does not revive it.
 */
export const RevokedTokenEntity = defineEntity({
  name: 'RevokedToken',
  tableName: 'revoked_tokens',
  indexes: [{ name: 'revoked_tokens_expires_at_index', properties: ['expiresAt'] }],
  properties: {
    /** SHA-256 of the value by which the token is found. */
    hash: p.blob().primary(),
    expiresAt: p.datetime(3),
  },
})

export type RevokedToken = InferEntity<typeof RevokedTokenEntity>
