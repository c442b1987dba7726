import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** A token that was ended before its time, until that time: nothing else is kept of a token but the row of its grant. */
export const EndedTokenEntity = defineEntity({
  name: 'EndedToken',
  tableName: 'ended_tokens',
  // For the retention, which would read the whole table for each batch.
  indexes: [{ name: 'ended_tokens_expires_at_index', properties: ['expiresAt'] }],
  properties: {
    /** The token's id, which is that of its grant's row. */
    id: p.uuid().primary(),
    expiresAt: p.datetime(3),
  },
})

export type EndedToken = InferEntity<typeof EndedTokenEntity>
