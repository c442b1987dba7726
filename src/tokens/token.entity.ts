import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** A live opaque access token. The bearer value is not here: the key is its SHA-256. */
export const TokenEntity = defineEntity({
  name: 'Token',
  tableName: 'tokens',
  indexes: [
    { name: 'tokens_pass_id_expires_at_index', properties: ['passId', 'expiresAt'] },
    // For the retention, which would read the whole table for each batch.
    { name: 'tokens_expires_at_index', properties: ['expiresAt'] },
  ],
  properties: {
    hash: p.blob().primary(),
    /** The id that people and rows call it by. */
    id: p.uuid(),
    // Not a foreign key: a deleted pass ends its tokens by not being found, at no cost for each grant.
    passId: p.uuid(),
    epoch: p.integer(),
    payload: p.json<Record<string, unknown>>(),
    issuedAt: p.datetime(3),
    expiresAt: p.datetime(3),
  },
})

export type Token = InferEntity<typeof TokenEntity>
