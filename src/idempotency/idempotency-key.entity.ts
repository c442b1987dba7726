import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** An `Idempotency-Key` that somebody used, and what they were answered. */
export const IdempotencyKeyEntity = defineEntity({
  name: 'IdempotencyKey',
  tableName: 'idempotency_keys',
  primaryKeys: ['projectId', 'principal', 'key'],
  indexes: [{ name: 'idempotency_keys_expires_at_index', properties: ['expiresAt'] }],
  properties: {
    /** The organization’s id where it was used on something of that itself. */
    projectId: p.uuid().primary(),
    /** Kind and id of who used it: nobody meets the key of somebody else. */
    principal: p.text().primary(),
    key: p.text().primary(),
    /** SHA-256 of the route and the body: the key stands for this request and no other. */
    fingerprint: p.blob(),
    madeId: p.uuid(),
    /** The answer, encrypted; gone after a while, since a secret is in it. */
    sealedAnswer: p.blob().nullable(),
    sealedUntil: p.datetime(3),
    expiresAt: p.datetime(3),
  },
})

export type IdempotencyKey = InferEntity<typeof IdempotencyKeyEntity>
