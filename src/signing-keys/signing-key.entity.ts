import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import type { SigningAlgorithm } from '../platform/config.ts'

/** A signing key: the private JWK sealed under `SECRET_KEY`, the rest in the clear. */
export const SigningKeyEntity = defineEntity({
  name: 'SigningKey',
  tableName: 'signing_keys',
  properties: {
    kid: p.text().primary(),
    alg: p.text().$type<SigningAlgorithm>(),
    sealedJwk: p.blob(),
    createdAt: p.datetime(3),
    /** From when on it signs; published before that. */
    activeFrom: p.datetime(3).defaultRaw('current_timestamp'),
    /** When it was withdrawn, and all that it had signed with it. */
    pulledAt: p.datetime(3).nullable(),
  },
})

export type SigningKey = InferEntity<typeof SigningKeyEntity>
