import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/**
 * A person who signs in.
 *
 * `epoch` goes up to end every session and token of theirs at once: each carries the epoch that the password was
 * checked under.
 */
export const UserEntity = defineEntity({
  name: 'User',
  tableName: 'users',
  properties: {
    id: p.uuid().primary(),
    /** In lower case: two spellings of one address are one person. */
    email: p.text().unique(),
    name: p.text(),
    /**
     * The organization whose invitation made the account, and on whose word alone the address is theirs; null: on the
     * operator's. Not a foreign key: the word does not get better when the organization is gone.
     */
    vouchedBy: p.uuid().nullable(),
    /** argon2id, with its own cost in it. */
    passwordHash: p.text(),
    epoch: p.integer(),
    /** The secret of the one-time codes, sealed under `SECRET_KEY`; null: none are asked for. */
    totpSecret: p.blob().nullable(),
    /** A secret that waits for its first code. */
    totpPendingSecret: p.blob().nullable(),
    /** Until when: whoever began it has shown the password, and an open screen must not end it a day later. */
    totpPendingUntil: p.datetime(3).nullable(),
    /** The time step of the last code that was taken: each is good once. */
    totpLastStep: p.integer().nullable(),
    /** Keyed digest of the secret of a password reset; null: none is open. */
    resetDigest: p.blob().nullable().unique(),
    resetExpiresAt: p.datetime(3).nullable(),
    /** Whether the reset drops the one-time codes as well. */
    resetDropsTotp: p.boolean().default(false),
    lastSignedInAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
})

export type User = InferEntity<typeof UserEntity>
