import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** Failed sign-ins in a row with one email, whether somebody has it or not: nothing tells which. */
export const SignInAttemptsEntity = defineEntity({
  name: 'SignInAttempts',
  tableName: 'sign_in_attempts',
  properties: {
    /** Keyed digest of the email: a typing error may be a password. */
    digest: p.blob().primary(),
    failures: p.integer(),
    lastAt: p.datetime(3).index(),
  },
})

export type SignInAttempts = InferEntity<typeof SignInAttemptsEntity>
