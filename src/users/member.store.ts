import { LockMode } from '@mikro-orm/core'
import { olderThan, type Page, type PageRequest, positionByTime, readPage } from '../http/pagination.ts'
import type { Database, EntityManager } from '../platform/database.ts'
import { type Invitation, InvitationEntity } from './invitation.entity.ts'
import { type Member, MemberEntity } from './member.entity.ts'

/** Members and invitations in the database. */
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

  /** Whether somebody owns every organization that another is in. */
  async ownsAllOf(em: EntityManager, ownerId: string, userId: string): Promise<boolean> {
    const rows: unknown[] = await em.execute(
      `select 1 from members theirs where theirs.user_id = ? and not exists (
         select 1 from members own
         where own.user_id = ? and own.role = 'OWNER' and own.organization_id = theirs.organization_id)`,
      [userId, ownerId],
    )
    return rows.length === 0
  }

  /** Whether two users are in an organization together. */
  async share(em: EntityManager, userId: string, otherId: string): Promise<boolean> {
    const rows: unknown[] = await em.execute(
      `select 1 from members one join members other on other.organization_id = one.organization_id
       where one.user_id = ? and other.user_id = ? limit 1`,
      [userId, otherId],
    )
    return rows.length > 0
  }

  /** The invitations to an organization, the newest first. */
  async invitations(organizationId: string, request: PageRequest): Promise<Page<Invitation>> {
    const em = this.#database.em()
    const own = { organization: organizationId }
    return readPage<Invitation>(request, {
      count: () => em.count(InvitationEntity, own),
      read: (limit, offset, after) =>
        em.find(
          InvitationEntity,
          { ...own, ...olderThan(after) },
          { orderBy: { createdAt: 'desc', id: 'desc' }, limit, offset },
        ),
      position: positionByTime,
    })
  }

  async invitation(em: EntityManager, organizationId: string, id: string): Promise<Invitation | null> {
    return em.findOne(InvitationEntity, { id, organization: organizationId })
  }

  /** Deletes invitations, used or not, that were past their time by a time. @returns how many, at most `limit` */
  async deleteInvitations(expiredBy: Date, limit: number): Promise<number> {
    return this.#database.deletePast('invitations', 'expires_at', expiredBy, limit)
  }

  /** The invitation that one of these digests is of. */
  async invitationBySecret(digests: readonly Buffer[]): Promise<Invitation | null> {
    return this.#database.em().findOne(InvitationEntity, { digest: { $in: [...digests] } })
  }

  /** The same by its id, held until the transaction ends. */
  async lockedInvitation(em: EntityManager, id: string): Promise<Invitation | null> {
    return em.findOne(InvitationEntity, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE })
  }
}
