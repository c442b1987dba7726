import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import { UserEntity } from '../accounts/user.entity.ts'

/**
 * That somebody is signed in with a browser. It is there as long as the session is: tokens, codes and the session itself
 * are good while it is, so that to delete it ends them all.
 */
export const UserSessionEntity = defineEntity({
  name: 'UserSession',
  tableName: 'user_sessions',
  properties: {
    id: p.uuid().primary(),
    user: p.manyToOne(UserEntity).deleteRule('cascade').index(),
    /** By which the library's session, and what it gave, name it. */
    uid: p.text().unique(),
    /** The library's time of the sign-in, in seconds since the epoch: another one is another sign-in. */
    loginTs: p.integer(),
    signedInAt: p.datetime(3),
    lastUsedAt: p.datetime(3),
    /** When it is over, however much it is used; earlier where it is not used. */
    expiresAt: p.datetime(3).index(),
    clientIp: p.text(),
    userAgent: p.text(),
  },
})

export type UserSession = InferEntity<typeof UserSessionEntity>
