import { LockMode } from '@mikro-orm/core'
import type { Database, EntityManager } from '../platform/database.ts'
import { type User, UserEntity } from './user.entity.ts'

/** Users in the database. */
export class UserStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async byId(id: string, em: EntityManager = this.#database.em()): Promise<User | null> {
    return em.findOne(UserEntity, { id })
  }

  /** @param email in lower case */
  async byEmail(email: string, em: EntityManager = this.#database.em()): Promise<User | null> {
    return em.findOne(UserEntity, { email })
  }

  /** The user, held against every other change until the transaction ends. */
  async locked(em: EntityManager, id: string): Promise<User | null> {
    return em.findOne(UserEntity, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE })
  }

  /** The user whose password reset one of these digests is of. */
  async byReset(digests: readonly Buffer[]): Promise<User | null> {
    return this.#database.em().findOne(UserEntity, { resetDigest: { $in: [...digests] } })
  }

  /** Puts another hash of the same password in the place of one, where that is still the user's. */
  async replacePasswordHash(userId: string, from: string, to: string): Promise<void> {
    await this.#database.query('update users set password_hash = $3 where id = $1 and password_hash = $2', [
      userId,
      from,
      to,
    ])
  }

  /** The user whose password reset one of these digests is of, held. */
  async lockedByReset(em: EntityManager, digests: readonly Buffer[]): Promise<User | null> {
    return em.findOne(
      UserEntity,
      { resetDigest: { $in: [...digests] } },
      { lockMode: LockMode.PESSIMISTIC_WRITE },
    )
  }

  /**
   * Takes a time step for a one-time code, once: of two requests with one code, one gets it.
   * @returns whether this request did
   */
  async spendTotpStep(userId: string, step: number): Promise<boolean> {
    const rows = await this.#database.query(
      `update users set totp_last_step = $2 where id = $1 and (totp_last_step is null or totp_last_step < $2)
       returning id`,
      [userId, step],
    )
    return rows.length > 0
  }

  /** Replaces secrets of one-time codes, those that wait for their first code too. @param replacement undefined: it stays */
  async replaceTotpSecrets(replacement: (sealed: Uint8Array) => Buffer | undefined): Promise<void> {
    // In this order: one that is confirmed meanwhile goes from the first column to the second.
    for (const column of ['totp_pending_secret', 'totp_secret'])
      await this.#database.replaceBytes('users', 'id', column, replacement)
  }

  async noteSignIn(userId: string, now: Date): Promise<void> {
    await this.#database.query('update users set last_signed_in_at = $2::timestamptz where id = $1', [
      userId,
      now.toISOString(),
    ])
  }

  /** Closes password resets that are past their time. @returns how many, at most `limit` */
  async closeExpiredResets(now: Date, limit: number): Promise<number> {
    const rows = await this.#database.query(
      `update users set reset_digest = null, reset_expires_at = null, reset_drops_totp = false where id in (
         select id from users where reset_expires_at <= $1::timestamptz limit $2 for update skip locked)
       returning id`,
      [now.toISOString(), limit],
    )
    return rows.length
  }

  /** Whether nobody has an account yet. */
  async isEmpty(em: EntityManager = this.#database.em()): Promise<boolean> {
    return (await em.count(UserEntity)) === 0
  }
}
