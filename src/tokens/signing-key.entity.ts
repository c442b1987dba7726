import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** A signing key: the private JWK sealed under `SECRET_KEY`, the id and algorithm in the clear. */
export const SigningKeyEntity = defineEntity({
  name: 'SigningKey',
  tableName: 'signing_keys',
  properties: {
    kid: p.text().primary(),
    alg: p.text(),
    sealedJwk: p.blob(),
    createdAt: p.datetime(3),
  },
})

export type SigningKey = InferEntity<typeof SigningKeyEntity>
