import { LockMode } from '@mikro-orm/core'
import type { Role } from '../access/role.ts'
import { olderThan, type Page, type PageRequest, positionByTime, readPage } from '../http/pagination.ts'
import type { Database, EntityManager } from '../platform/database.ts'
import { type Invitation, InvitationEntity } from './invitation.entity.ts'

/** An invitation as the person sees it who is invited. */
export interface WaitingInvitation {
  readonly id: string
  readonly organizationId: string
  readonly organizationName: string
  readonly role: Role
  /** Who made it; null: they are not here any more. */
  readonly inviterName: string | null
  readonly inviterEmail: string | null
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** As the database answers a statement. */
type RawTimes<Row> = { readonly [Name in keyof Row]: Row[Name] extends Date ? string : Row[Name] }

/**
 * Invitations `i` that wait for the yes of a user `u` who is signed in. Whose address is known from nobody but an
 * organization that invited them is shown those of that organization, and of people whom they are in one with: to
 * others the address may be somebody else's, who then has the link.
 */
const WAITING = `from users u join invitations i on i.email = u.email
  join organizations o on o.id = i.organization_id left join users maker on maker.id = i.invited_by
  where u.id = ? and i.accepted_at is null and i.declined_at is null and i.expires_at > ?::timestamptz
    and not exists (select from members m where m.organization_id = i.organization_id and m.user_id = u.id)
    and (u.vouched_by is null or u.vouched_by = i.organization_id or exists (
      select from members theirs join members own on own.organization_id = theirs.organization_id
      where own.user_id = u.id and theirs.user_id = i.invited_by))`

/** Invitations in the database. */
export class InvitationStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Those to an organization, newest first. */
  async list(organizationId: string, request: PageRequest): Promise<Page<Invitation>> {
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

  async find(em: EntityManager, organizationId: string, id: string): Promise<Invitation | null> {
    return em.findOne(InvitationEntity, { id, organization: organizationId })
  }

  /** The invitation of an id, whichever organization it is to. */
  async byId(id: string): Promise<Invitation | null> {
    return this.#database.em().findOne(InvitationEntity, { id })
  }

  /** The invitation that one of these digests is of, with its organization. */
  async bySecret(digests: readonly Buffer[]): Promise<Invitation | null> {
    return this.#database
      .em()
      .findOne(InvitationEntity, { digest: { $in: [...digests] } }, { populate: ['organization'] })
  }

  /** The invitation of an id, held until the transaction ends. */
  async locked(em: EntityManager, id: string): Promise<Invitation | null> {
    return em.findOne(InvitationEntity, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE })
  }

  /** Those to an organization that nobody has accepted: to an address, or of a maker. */
  async open(
    em: EntityManager,
    organizationId: string,
    of: { readonly email: string } | { readonly invitedBy: string },
  ): Promise<Invitation[]> {
    return em.find(InvitationEntity, { organization: organizationId, acceptedAt: null, ...of })
  }

  /** Those that wait for somebody's yes, newest first. */
  async waitingFor(userId: string, now: Date): Promise<WaitingInvitation[]> {
    const rows = await this.#database.em().execute<RawTimes<WaitingInvitation>[]>(
      `select i.id, o.id as "organizationId", o.name as "organizationName", i.role,
         maker.name as "inviterName", maker.email as "inviterEmail",
         i.created_at as "createdAt", i.expires_at as "expiresAt"
       ${WAITING} order by i.created_at desc, i.id desc`,
      [userId, now.toISOString()],
    )
    return rows.map(({ createdAt, expiresAt, ...row }) => ({
      ...row,
      createdAt: new Date(createdAt),
      expiresAt: new Date(expiresAt),
    }))
  }

  /** Whether an invitation is one of those. */
  async waitsFor(em: EntityManager, id: string, userId: string, now: Date): Promise<boolean> {
    const rows: unknown[] = await em.execute(`select 1 ${WAITING} and i.id = ?`, [
      userId,
      now.toISOString(),
      id,
    ])
    return rows.length > 0
  }

  /** Deletes those, used or not, that were past their time by a time. @returns how many, at most `limit` */
  async deletePast(expiredBy: Date, limit: number): Promise<number> {
    return this.#database.deletePast('invitations', 'expires_at', expiredBy, limit)
  }
}
