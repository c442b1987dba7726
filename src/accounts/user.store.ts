import { LockMode } from '@mikro-orm/core'
import type { Role } from '../access/role.ts'
import { MemberEntity } from '../organizations/member.entity.ts'
import { OPERATORS_ORGANIZATION } from '../organizations/organization.store.ts'
import type { Database, EntityManager } from '../platform/database.ts'
import { type User, UserEntity } from './user.entity.ts'

/** An organization of a user, and their role in it. */
export interface Membership {
  readonly organizationId: string
  readonly organizationName: string
  readonly role: Role
  /** Whether it is there only for members who have one-time codes. */
  readonly requiresTotp: boolean
  /** Whether it is the operator's own. */
  readonly operators: boolean
}

/** An organization that was deleted, and whose record a user reads as what they were in it. */
export interface FormerMembership {
  readonly organizationId: string
  readonly organizationName: string
  readonly role: Role
  readonly deletedAt: Date
}

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

  /** The organizations of a user, by name. */
  async memberships(userId: string): Promise<Membership[]> {
    return this.#database.query<Membership>(
      `select o.id as "organizationId", o.name as "organizationName", m.role,
         o.requires_totp as "requiresTotp",
         o.id = (${OPERATORS_ORGANIZATION}) as operators
       from members m join organizations o on o.id = m.organization_id
       where m.user_id = $1 order by lower(o.name), o.id`,
      [userId],
    )
  }

  /** The deleted organizations whose record a user reads, the last one first. */
  async formerMemberships(userId: string): Promise<FormerMembership[]> {
    const rows = await this.#database.query<Omit<FormerMembership, 'deletedAt'> & { deletedAt: string }>(
      `select o.id as "organizationId", o.name as "organizationName", m.role, o.deleted_at as "deletedAt"
       from former_members m join organization_tombstones o on o.id = m.organization_id
       where m.user_id = $1 order by o.deleted_at desc, o.id`,
      [userId],
    )
    return rows.map(({ deletedAt, ...row }) => ({ ...row, deletedAt: new Date(deletedAt) }))
  }

  /** The ids of a user's organizations, within a transaction. */
  async organizationIds(em: EntityManager, userId: string): Promise<string[]> {
    const members = await em.find(MemberEntity, { user: userId })
    return members.map(member => member.organization.id)
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
