import type { Actor } from '../access/actor.ts'
import type { Role } from '../access/role.ts'
import type { User } from '../accounts/user.entity.ts'
import type { UserAudit } from '../accounts/user-audit.ts'
import type { AuditTrail } from '../audit/audit-trail.ts'
import type { Page, PageRequest } from '../http/pagination.ts'
import { notFound, Problem } from '../http/problems.ts'
import { generateChecksummedSecret } from '../platform/checksummed-secret.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database, EntityManager } from '../platform/database.ts'
import type { SecretKeys } from '../platform/secret-keys.ts'
import { newId } from '../platform/uuid.ts'
import type { InvitationStore } from './invitation.store.ts'
import { noteInvitation } from './invitation-audit.ts'
import { type Member, MemberEntity } from './member.entity.ts'
import type { MemberStore } from './member.store.ts'
import { closeReset, oneTimeLink, RESET_LASTS_MS, RESET_PREFIX } from './one-time-links.ts'
import { OrganizationEntity } from './organization.entity.ts'

/** A secret that is told once, and the link that it is handed on by. */
export interface OneTimeSecret {
  readonly secret: string
  readonly link: string
  readonly expiresAt: Date
}

/** Who belongs to an organization, as what. An organization always has an owner. */
export class MemberService {
  readonly #database: Database
  readonly #store: MemberStore
  readonly #invitations: Pick<InvitationStore, 'open'>
  readonly #audit: AuditTrail
  readonly #userAudit: UserAudit
  readonly #keys: SecretKeys
  readonly #clock: Clock
  readonly #publicUrl: string

  constructor(
    database: Database,
    store: MemberStore,
    invitations: Pick<InvitationStore, 'open'>,
    audit: AuditTrail,
    userAudit: UserAudit,
    keys: SecretKeys,
    clock: Clock,
    publicUrl: string,
  ) {
    this.#database = database
    this.#store = store
    this.#invitations = invitations
    this.#audit = audit
    this.#userAudit = userAudit
    this.#keys = keys
    this.#clock = clock
    this.#publicUrl = publicUrl
  }

  async list(organizationId: string, request: PageRequest): Promise<Page<Member>> {
    return this.#store.list(organizationId, request)
  }

  /** Makes somebody a member, within a transaction; a password reset that others made for them is closed. */
  insert(em: EntityManager, organizationId: string, actor: Actor, user: User, role: Role): Member {
    const now = this.#clock.date()
    closeReset(user)
    const member = em.create(MemberEntity, {
      id: newId(),
      organization: em.getReference(OrganizationEntity, organizationId),
      user,
      role,
      createdAt: now,
      updatedAt: now,
    })
    this.#note(em, organizationId, actor, 'member.create', user, { after: { role } })
    return member
  }

  /** @throws Problem `not_found` or `last_owner` */
  async changeRole(organizationId: string, actor: Actor, userId: string, role: Role): Promise<Member> {
    return this.#database.em().transactional(async em => {
      const member = await this.#held(em, organizationId, actor, userId)
      const before = member.role
      if (role !== 'OWNER') {
        await this.#assertOwnerRemains(em, member)
        if (before === 'OWNER') await this.#endLinksOf(em, organizationId, actor, userId)
      }
      member.role = role
      member.updatedAt = this.#clock.date()
      this.#note(em, organizationId, actor, 'member.update', member.user, {
        before: { role: before },
        after: { role },
      })
      return member
    })
  }

  /** From its answer on the organization is not there for them. @throws Problem `not_found` or `last_owner` */
  async remove(organizationId: string, actor: Actor, userId: string): Promise<void> {
    await this.#database.em().transactional(async em => {
      const member = await this.#held(em, organizationId, actor, userId)
      await this.#assertOwnerRemains(em, member)
      await this.#endLinksOf(em, organizationId, actor, userId)
      this.#take(em, organizationId, actor, 'member.delete', member)
    })
  }

  /**
   * The same of their own accord. Invitations that they made stay good: nobody has objected to them.
   * @throws Problem `last_owner`
   */
  async leave(organizationId: string, actor: Actor, userId: string): Promise<void> {
    await this.#database.em().transactional(async em => {
      const member = await this.#held(em, organizationId, actor, userId)
      await this.#assertOwnerRemains(em, member)
      if (member.role === 'OWNER') await this.#store.closeResets(em, organizationId)
      this.#take(em, organizationId, actor, 'member.leave', member)
    })
  }

  /** Withdraws the invitations to an address, or those of a maker, that nobody has accepted, within a transaction. */
  async withdrawInvitations(
    em: EntityManager,
    organizationId: string,
    actor: Actor,
    of: { readonly email: string } | { readonly invitedBy: string },
  ): Promise<void> {
    for (const invitation of await this.#invitations.open(em, organizationId, of)) {
      noteInvitation(this.#audit, em, actor, 'invitation.delete', invitation)
      em.remove(invitation)
    }
  }

  /** The members whom the caller may reset, and with that know when they sign in and how. @returns ids of users */
  async resettableBy(organizationId: string, callerId: string): Promise<ReadonlySet<string>> {
    return this.#store.ownedAltogether(organizationId, callerId)
  }

  /**
   * Sees to it that the caller may know what happened to the account of a member.
   * @throws Problem `not_found` or `forbidden`, as `resetPassword`
   */
  async assertResettable(organizationId: string, callerId: string, userId: string): Promise<void> {
    const em = this.#database.em()
    if (!(await this.#store.find(em, organizationId, userId))) throw notFound()
    await this.#assertResettable(em, organizationId, callerId, userId)
  }

  /**
   * Makes a link by which a member sets a new password; an earlier one stops.
   * @param dropTotp whether their one-time codes go as well, when it is used
   * @throws Problem `not_found`, or `forbidden` where the member is in an organization that the caller does not own:
   *   the link would open it to the caller
   */
  async resetPassword(
    organizationId: string,
    actor: Actor,
    callerId: string,
    userId: string,
    dropTotp: boolean,
  ): Promise<OneTimeSecret> {
    const secret = generateChecksummedSecret(RESET_PREFIX)
    const expiresAt = new Date(this.#clock.now() + RESET_LASTS_MS)
    await this.#database.em().transactional(async em => {
      const member = await this.#held(em, organizationId, actor, userId)
      await this.#assertResettable(em, organizationId, callerId, userId)
      member.user.resetDigest = this.#keys.digest(secret)
      member.user.resetExpiresAt = expiresAt
      member.user.resetDropsTotp = dropTotp
      const act = { after: { dropTotp } }
      this.#note(em, organizationId, actor, 'member.reset_password', member.user, act)
      const unplaced = { ...actor, clientIp: null }
      this.#userAudit.note(em, member.user, unplaced, { action: 'user.offer_password_reset', ...act })
    })
    return { secret, link: oneTimeLink(this.#publicUrl, 'password-reset', secret), expiresAt }
  }

  async #held(em: EntityManager, organizationId: string, actor: Actor, userId: string): Promise<Member> {
    await this.#store.lock(em, organizationId)
    await actor.hold?.(em)
    const member = await this.#store.find(em, organizationId, userId)
    if (!member) throw notFound()
    return member
  }

  async #assertOwnerRemains(em: EntityManager, member: Member): Promise<void> {
    if (member.role !== 'OWNER') return
    if ((await this.#store.countOwners(em, member.organization.id)) > 1) return
    throw new Problem(
      'last_owner',
      'This is the only owner. Make somebody else an owner first, or delete the organization.',
    )
  }

  async #assertResettable(
    em: EntityManager,
    organizationId: string,
    callerId: string,
    userId: string,
  ): Promise<void> {
    if ((await this.#store.ownedAltogether(organizationId, callerId, em)).has(userId)) return
    throw new Problem(
      'forbidden',
      'The member is in an organization that you do not own. Who leaves it can be helped by you, everybody by the command line of the server.',
    )
  }

  /** Has what somebody made as an owner, and others might still use for them, work no more. */
  async #endLinksOf(em: EntityManager, organizationId: string, actor: Actor, userId: string): Promise<void> {
    await this.withdrawInvitations(em, organizationId, actor, { invitedBy: userId })
    await this.#store.closeResets(em, organizationId)
  }

  #take(em: EntityManager, organizationId: string, actor: Actor, action: string, member: Member): void {
    // Who has made a link for them answers for them no more.
    closeReset(member.user)
    this.#note(em, organizationId, actor, action, member.user, { before: { role: member.role } })
    em.remove(member)
  }

  #note(
    em: EntityManager,
    organizationId: string,
    actor: Actor,
    action: string,
    user: User,
    change: { before?: Record<string, unknown>; after?: Record<string, unknown> },
  ): void {
    this.#audit.noteIn(em, { organizationId, projectId: null }, actor, {
      action,
      targetType: 'member',
      targetId: user.id,
      targetName: user.email,
      ...change,
    })
  }
}
