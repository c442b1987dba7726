import { UniqueConstraintViolationException } from '@mikro-orm/core'
import type { Actor, AuditTrail } from '../audit/audit-trail.ts'
import type { Page, PageRequest } from '../http/pagination.ts'
import { notFound } from '../http/problems.ts'
import { parseBody, validationFailed } from '../http/validate.ts'
import { OrganizationEntity } from '../organizations/organization.entity.ts'
import { generateChecksummedSecret, isChecksummedSecret } from '../platform/checksummed-secret.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database, EntityManager } from '../platform/database.ts'
import type { SecretKeys } from '../platform/secret-keys.ts'
import { newId } from '../platform/uuid.ts'
import type { AccountService } from './account.service.ts'
import { type Invitation, InvitationEntity } from './invitation.entity.ts'
import type { Member } from './member.entity.ts'
import { alreadyMember, type MemberService, type OneTimeSecret } from './member.service.ts'
import type { MemberStore } from './member.store.ts'
import { INVITATION_LASTS_MS, INVITATION_PREFIX, oneTimeLink } from './one-time-links.ts'
import type { Passwords } from './passwords.ts'
import type { Role } from './role.ts'
import type { SignInService } from './sign-in.service.ts'
import type { User } from './user.entity.ts'
import { acceptance, newPassword } from './user.schema.ts'
import type { UserStore } from './user.store.ts'

/** Offers to join an organization, handed on by links that are good once. */
export class InvitationService {
  readonly #database: Database
  readonly #store: MemberStore
  readonly #members: MemberService
  readonly #users: UserStore
  readonly #accounts: AccountService
  readonly #signIn: SignInService
  readonly #passwords: Passwords
  readonly #audit: AuditTrail
  readonly #keys: SecretKeys
  readonly #clock: Clock
  readonly #publicUrl: string

  constructor(parts: {
    readonly database: Database
    readonly store: MemberStore
    readonly members: MemberService
    readonly users: UserStore
    readonly accounts: AccountService
    readonly signIn: SignInService
    readonly passwords: Passwords
    readonly audit: AuditTrail
    readonly keys: SecretKeys
    readonly clock: Clock
    readonly publicUrl: string
  }) {
    this.#database = parts.database
    this.#store = parts.store
    this.#members = parts.members
    this.#users = parts.users
    this.#accounts = parts.accounts
    this.#signIn = parts.signIn
    this.#passwords = parts.passwords
    this.#audit = parts.audit
    this.#keys = parts.keys
    this.#clock = parts.clock
    this.#publicUrl = parts.publicUrl
  }

  async list(organizationId: string, request: PageRequest): Promise<Page<Invitation>> {
    return this.#store.invitations(organizationId, request)
  }

  /** Makes an invitation; its link is told once. */
  async create(
    organizationId: string,
    actor: Actor,
    input: { readonly email: string; readonly role: Role },
  ): Promise<{ invitation: Invitation; once: OneTimeSecret }> {
    const secret = generateChecksummedSecret(INVITATION_PREFIX)
    const now = this.#clock.date()
    const expiresAt = new Date(now.getTime() + INVITATION_LASTS_MS)
    const invitation = await this.#database.em().transactional(async em => {
      await actor.hold?.(em)
      const made = em.create(InvitationEntity, {
        id: newId(),
        organization: em.getReference(OrganizationEntity, organizationId),
        ...input,
        digest: this.#keys.digest(secret),
        createdAt: now,
        expiresAt,
        acceptedAt: null,
      })
      this.#note(em, actor, 'invitation.create', made)
      return made
    })
    return {
      invitation,
      once: { secret, link: oneTimeLink(this.#publicUrl, 'invitation', secret), expiresAt },
    }
  }

  /** From its answer on the link is good for nothing. @throws Problem `not_found` */
  async delete(organizationId: string, actor: Actor, id: string): Promise<void> {
    await this.#database.em().transactional(async em => {
      await actor.hold?.(em)
      const invitation = await this.#store.invitation(em, organizationId, id)
      if (!invitation) throw notFound()
      this.#note(em, actor, 'invitation.delete', invitation)
      em.remove(invitation)
    })
  }

  /**
   * Joins the organization: with a new account, or with the account of that email, whose password is to be proved.
   * @param body with the secret of the link
   * @throws Problem `not_found` for a secret that is unknown, used, or past its time; `validation_failed`,
   *   `password_refused`, `sign_in_slowed` or `already_member`
   */
  async accept(body: unknown, clientIp: string): Promise<Member> {
    const { secret, name, password, code } = parseBody(acceptance, body).data.attributes
    const invitation = isChecksummedSecret(INVITATION_PREFIX, secret)
      ? await this.#store.invitationBySecret(this.#keys.digests(secret))
      : null
    if (!invitation || !this.#isOpen(invitation)) throw notFound()
    const { email } = invitation
    if (await this.#users.byEmail(email)) {
      const user = await this.#signIn.prove({ email, password, code: code ?? '', clientIp })
      return this.#join(
        invitation.id,
        clientIp,
        async em => (await this.#users.locked(em, user.id)) ?? raise(),
      )
    }
    const judged = newPassword.safeParse(password)
    const faults = [
      ...(name === undefined
        ? [{ pointer: '/data/attributes/name', detail: 'is needed for a new account' }]
        : []),
      ...(judged.error?.issues ?? []).map(issue => ({
        pointer: '/data/attributes/password',
        detail: issue.message,
      })),
    ]
    if (name === undefined || faults.length > 0) throw validationFailed(faults)
    const passwordHash = await this.#passwords.hashChosen(
      password,
      { email, name },
      '/data/attributes/password',
    )
    try {
      return await this.#join(invitation.id, clientIp, async em =>
        this.#accounts.create(em, { email, name, passwordHash }),
      )
    } catch (error) {
      // Of two who accept for one email at once, the other was first: the link, or the account, is taken.
      throw error instanceof UniqueConstraintViolationException ? notFound() : error
    }
  }

  async #join(id: string, clientIp: string, userOf: (em: EntityManager) => Promise<User>): Promise<Member> {
    return this.#database.em().transactional(async em => {
      const invitation = await this.#store.lockedInvitation(em, id)
      if (!invitation || !this.#isOpen(invitation)) throw notFound()
      const organizationId = invitation.organization.id
      await this.#store.lock(em, organizationId)
      const user = await userOf(em)
      if (await this.#store.find(em, organizationId, user.id)) throw alreadyMember()
      invitation.acceptedAt = this.#clock.date()
      const actor: Actor = { type: 'user', id: user.id, name: user.email, clientIp }
      this.#note(em, actor, 'invitation.accept', invitation)
      return this.#members.insert(em, organizationId, actor, user, invitation.role)
    })
  }

  #isOpen(invitation: Invitation): boolean {
    return !invitation.acceptedAt && invitation.expiresAt.getTime() > this.#clock.now()
  }

  #note(em: EntityManager, actor: Actor, action: string, invitation: Invitation): void {
    const { email, role, expiresAt, acceptedAt } = invitation
    this.#audit.noteIn(em, { organizationId: invitation.organization.id, projectId: null }, actor, {
      action,
      targetType: 'invitation',
      targetId: invitation.id,
      targetName: email,
      [action === 'invitation.delete' ? 'before' : 'after']: { role, expiresAt, acceptedAt },
    })
  }
}

function raise(): never {
  throw notFound()
}
