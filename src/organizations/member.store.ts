import type { Role } from '../access/role.ts'
import { type Page, type PageRequest, readPage } from '../http/pagination.ts'
import type { Database, EntityManager } from '../platform/database.ts'
import { type Member, MemberEntity } from './member.entity.ts'
import { OPERATORS_ORGANIZATION } from './organization.store.ts'

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

/** Who is in which organization, as what; also in those that were deleted, whose record they read. */
const MEMBERSHIPS = `(select organization_id, user_id, role from members
  union all select organization_id, user_id, role from former_members)`

/**
 * Whether a caller owns every organization that somebody `m` is in: only then is nothing opened to the caller by
 * setting that person's password.
 */
const OWNED_ALTOGETHER = `not exists (select from ${MEMBERSHIPS} theirs where theirs.user_id = m.user_id and not exists (
  select from ${MEMBERSHIPS} own
  where own.user_id = ? and own.role = 'OWNER' and own.organization_id = theirs.organization_id))`

/** Members in the database. */
export class MemberStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** The members of an organization with their users, by email. */
  async list(organizationId: string, request: PageRequest): Promise<Page<Member>> {
    const em = this.#database.em()
    const own = { organization: organizationId }
    return readPage<Member>(request, {
      count: () => em.count(MemberEntity, own),
      read: (limit, offset, after) =>
        em.find(
          MemberEntity,
          { ...own, ...(after ? { user: { email: { $gt: after.key } } } : {}) },
          { populate: ['user'], orderBy: { user: { email: 'asc' } }, limit, offset },
        ),
      position: ({ id, user }) => ({ key: user.email, id }),
    })
  }

  async find(em: EntityManager, organizationId: string, userId: string): Promise<Member | null> {
    return em.findOne(
      MemberEntity,
      { organization: organizationId, user: userId },
      { populate: ['user'], refresh: true },
    )
  }

  /** Whether somebody of an email is a member. @param email in lower case */
  async hasEmail(em: EntityManager, organizationId: string, email: string): Promise<boolean> {
    return (await em.count(MemberEntity, { organization: organizationId, user: { email } })) > 0
  }

  /** Holds an organization against every other change of its members until the transaction ends. */
  async lock(em: EntityManager, organizationId: string): Promise<void> {
    // What is only made in it need not wait.
    await em.execute('select 1 from organizations where id = ? for no key update', [organizationId])
  }

  async countOwners(em: EntityManager, organizationId: string): Promise<number> {
    return em.count(MemberEntity, { organization: organizationId, role: 'OWNER' })
  }

  /** The organizations whose only owner somebody is, by name. */
  async ownedAlone(em: EntityManager, userId: string): Promise<{ id: string; name: string }[]> {
    return em.execute<{ id: string; name: string }[]>(
      `select o.id, o.name from organizations o join members m on m.organization_id = o.id
       where m.user_id = ? and m.role = 'OWNER' and not exists (
         select 1 from members other
         where other.organization_id = o.id and other.role = 'OWNER' and other.user_id <> m.user_id)
       order by lower(o.name), o.id`,
      [userId],
    )
  }

  /** The members of an organization who are in none that a caller does not own. @returns the ids of their users */
  async ownedAltogether(
    organizationId: string,
    callerId: string,
    em: EntityManager = this.#database.em(),
  ): Promise<Set<string>> {
    const rows = await em.execute<{ id: string }[]>(
      `select m.user_id as id from members m where ${OWNED_ALTOGETHER} and m.organization_id = ?`,
      [callerId, organizationId],
    )
    return new Set(rows.map(({ id }) => id))
  }

  /** Has the links of password resets work no more that were made for members of an organization. */
  async closeResets(em: EntityManager, organizationId: string): Promise<void> {
    await em.execute(
      `update users set reset_digest = null, reset_expires_at = null
       where reset_digest is not null and id in (select user_id from members where organization_id = ?)`,
      [organizationId],
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
}
