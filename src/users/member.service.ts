import type { Actor, AuditTrail } from '../audit/audit-trail.ts'
import type { Page, PageRequest } from '../http/pagination.ts'
import { notFound, Problem } from '../http/problems.ts'
import { OrganizationEntity } from '../organizations/organization.entity.ts'
import { generateChecksummedSecret } from '../platform/checksummed-secret.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database, EntityManager } from '../platform/database.ts'
import type { SecretKeys } from '../platform/secret-keys.ts'
import { newId } from '../platform/uuid.ts'
import { type Member, MemberEntity } from './member.entity.ts'
import type { MemberStore } from './member.store.ts'
import { closeReset, oneTimeLink, RESET_LASTS_MS, RESET_PREFIX } from './one-time-links.ts'
import type { Role } from './role.ts'
import type { User } from './user.entity.ts'
import type { UserStore } from './user.store.ts'

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
  readonly #users: UserStore
  readonly #audit: AuditTrail
  readonly #keys: SecretKeys
  readonly #clock: Clock
  readonly #publicUrl: string

  constructor(
    database: Database,
    store: MemberStore,
    users: UserStore,
    audit: AuditTrail,
    keys: SecretKeys,
    clock: Clock,
    publicUrl: string,
  ) {
    this.#database = database
    this.#store = store
    this.#users = users
    this.#audit = audit
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

  /**
   * Makes somebody a member whom the caller knows from another organization; nothing tells who else has an account.
   * @throws Problem `validation_failed` or `already_member`
   */
  async add(
    organizationId: string,
    actor: Actor,
    callerId: string,
    input: { readonly email: string; readonly role: Role },
  ): Promise<Member> {
    return this.#database.em().transactional(async em => {
      await this.#store.lock(em, organizationId)
      await actor.hold?.(em)
      const user = await this.#users.byEmail(input.email, em)
      if (!user || !(await this.#store.share(em, callerId, user.id)))
        throw new Problem('validation_failed', 'Invite people who are in none of your organizations.', [
          { pointer: '/data/attributes/email', detail: 'is nobody’s in an organization of yours' },
        ])
      if (await this.#store.find(em, organizationId, user.id)) throw alreadyMember()
      return this.insert(em, organizationId, actor, user, input.role)
    })
  }

  /** @throws Problem `not_found` or `last_owner` */
  async changeRole(organizationId: string, actor: Actor, userId: string, role: Role): Promise<Member> {
    return this.#database.em().transactional(async em => {
      const member = await this.#held(em, organizationId, actor, userId)
      const before = member.role
      if (role !== 'OWNER') await this.#assertOwnerRemains(em, member)
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
      this.#note(em, organizationId, actor, 'member.delete', member.user, { before: { role: member.role } })
      em.remove(member)
    })
  }

  /**
   * Makes a link by which a member sets a new password; an earlier one stops.
   * @param dropTotp whether their one-time codes go as well, when it is used
   * @throws Problem `not_found`, or `forbidden` where the member is in an organization that the caller does not own:
   *   its owners did not agree to it
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
      if (!(await this.#store.ownsAllOf(em, callerId, userId)))
        throw new Problem(
          'forbidden',
          'The member is in an organization that you do not own; its owners would have to agree.',
        )
      member.user.resetDigest = this.#keys.digest(secret)
      member.user.resetExpiresAt = expiresAt
      member.user.resetDropsTotp = dropTotp
      this.#note(em, organizationId, actor, 'member.reset_password', member.user, { after: { dropTotp } })
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
    throw new Problem('last_owner', 'This is the only owner. Make somebody else an owner first.')
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

export function alreadyMember(): Problem {
  return new Problem('already_member', 'The person is a member of the organization already.')
}
