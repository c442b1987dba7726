import { UniqueConstraintViolationException } from '@mikro-orm/core'
import type { Actor } from '../access/actor.ts'
import type { Role } from '../access/role.ts'
import type { Passwords } from '../accounts/passwords.ts'
import type { User } from '../accounts/user.entity.ts'
import type { UserStore } from '../accounts/user.store.ts'
import type { UserAudit } from '../accounts/user-audit.ts'
import type { AuditTrail } from '../audit/audit-trail.ts'
import type { Page, PageRequest } from '../http/pagination.ts'
import { notFound, Problem } from '../http/problems.ts'
import { parseBody, validationFailed } from '../http/validate.ts'
import { type Invitation, InvitationEntity } from '../organizations/invitation.entity.ts'
import type { InvitationStore, WaitingInvitation } from '../organizations/invitation.store.ts'
import { noteInvitation } from '../organizations/invitation-audit.ts'
import type { Member } from '../organizations/member.entity.ts'
import type { MemberService, OneTimeSecret } from '../organizations/member.service.ts'
import type { MemberStore } from '../organizations/member.store.ts'
import { INVITATION_LASTS_MS, INVITATION_PREFIX, oneTimeLink } from '../organizations/one-time-links.ts'
import { OrganizationEntity } from '../organizations/organization.entity.ts'
import type { OrganizationStore } from '../organizations/organization.store.ts'
import { generateChecksummedSecret, isChecksummedSecret } from '../platform/checksummed-secret.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database, EntityManager } from '../platform/database.ts'
import type { SecretKeys } from '../platform/secret-keys.ts'
import { newId } from '../platform/uuid.ts'
import type { SignInService } from '../sign-in/sign-in.service.ts'
import type { AccountService } from './account.service.ts'
import { acceptance, newPassword } from './user.schema.ts'

const PASSWORD = '/data/attributes/password'

/**
 * Offers to join an organization. Nobody is in one without their own yes: by the link of the invitation, or, signed
 * in, by the list of those that wait for them. What an organization is answered does not tell who has an account.
 */
export class InvitationService {
  readonly #database: Database
  readonly #store: InvitationStore
  readonly #members: MemberService
  readonly #memberStore: Pick<MemberStore, 'lock' | 'find' | 'hasEmail'>
  readonly #organizations: Pick<OrganizationStore, 'isOperators'>
  readonly #users: UserStore
  readonly #accounts: AccountService
  readonly #signIn: SignInService
  readonly #passwords: Passwords
  readonly #audit: AuditTrail
  readonly #userAudit: UserAudit
  readonly #keys: SecretKeys
  readonly #clock: Clock
  readonly #publicUrl: string

  constructor(parts: {
    readonly database: Database
    readonly store: InvitationStore
    readonly members: MemberService
    readonly memberStore: Pick<MemberStore, 'lock' | 'find' | 'hasEmail'>
    readonly organizations: Pick<OrganizationStore, 'isOperators'>
    readonly users: UserStore
    readonly accounts: AccountService
    readonly signIn: SignInService
    readonly passwords: Passwords
    readonly audit: AuditTrail
    readonly userAudit: UserAudit
    readonly keys: SecretKeys
    readonly clock: Clock
    readonly publicUrl: string
  }) {
    this.#database = parts.database
    this.#store = parts.store
    this.#members = parts.members
    this.#memberStore = parts.memberStore
    this.#organizations = parts.organizations
    this.#users = parts.users
    this.#accounts = parts.accounts
    this.#signIn = parts.signIn
    this.#passwords = parts.passwords
    this.#audit = parts.audit
    this.#userAudit = parts.userAudit
    this.#keys = parts.keys
    this.#clock = parts.clock
    this.#publicUrl = parts.publicUrl
  }

  async list(organizationId: string, request: PageRequest): Promise<Page<Invitation>> {
    return this.#store.list(organizationId, request)
  }

  /**
   * Makes an invitation; its link is told once. It takes the place of an earlier one to the same address, so that the
   * role that was offered last is the one that counts.
   * @throws Problem `already_member`
   */
  async create(
    organizationId: string,
    actor: Actor,
    input: { readonly email: string; readonly role: Role },
  ): Promise<{ invitation: Invitation; once: OneTimeSecret }> {
    const secret = generateChecksummedSecret(INVITATION_PREFIX)
    const now = this.#clock.date()
    const expiresAt = new Date(now.getTime() + INVITATION_LASTS_MS)
    const invitation = await this.#database.em().transactional(async em => {
      await this.#memberStore.lock(em, organizationId)
      await actor.hold?.(em)
      if (await this.#memberStore.hasEmail(em, organizationId, input.email)) throw alreadyMember()
      await this.#members.withdrawInvitations(em, organizationId, actor, { email: input.email })
      const made = em.create(InvitationEntity, {
        id: newId(),
        organization: em.getReference(OrganizationEntity, organizationId),
        ...input,
        digest: this.#keys.digest(secret),
        invitedBy: actor.type === 'user' ? actor.id : null,
        createdAt: now,
        expiresAt,
        acceptedAt: null,
        declinedAt: null,
      })
      noteInvitation(this.#audit, em, actor, 'invitation.create', made)
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
      await this.#memberStore.lock(em, organizationId)
      await actor.hold?.(em)
      const invitation = await this.#store.find(em, organizationId, id)
      if (!invitation) throw notFound()
      noteInvitation(this.#audit, em, actor, 'invitation.delete', invitation)
      em.remove(invitation)
    })
  }

  /** What waits for somebody's yes. */
  async waitingFor(userId: string): Promise<WaitingInvitation[]> {
    return this.#store.waitingFor(userId, this.#clock.date())
  }

  /** Says yes to an invitation that waits. @throws Problem `not_found` */
  async acceptWaiting(actor: Actor, userId: string, id: string): Promise<Member> {
    const invitation = (await this.#store.byId(id)) ?? raise()
    return this.#join(invitation, actor, async em => {
      await actor.hold?.(em)
      if (!(await this.#store.waitsFor(em, id, userId, this.#clock.date()))) throw notFound()
      return (await this.#users.locked(em, userId)) ?? raise()
    })
  }

  /**
   * Says no: the invitation waits no more. The organization is not told, as that would tell that there is an account;
   * the link ends by its time. @throws Problem `not_found`
   */
  async decline(actor: Actor, userId: string, id: string): Promise<void> {
    await this.#database.em().transactional(async em => {
      await actor.hold?.(em)
      const now = this.#clock.date()
      const user = (await this.#users.locked(em, userId)) ?? raise()
      const invitation = (await this.#store.locked(em, id)) ?? raise()
      if (!(await this.#store.waitsFor(em, id, userId, now))) throw notFound()
      invitation.declinedAt = now
      this.#userAudit.note(em, user, actor, {
        action: 'user.decline_invitation',
        after: { organizationId: invitation.organization.id },
      })
    })
  }

  /**
   * Joins the organization by the secret of the link: with a name, with a new account, where the organization is
   * trusted with that; else with the account of that email, whose password is to be proved. What a fault is depends on
   * what was sent, and not on whether there is an account.
   * @throws Problem `not_found` for a secret that is unknown, used, or past its time; `validation_failed`,
   *   `password_refused`, `sign_in_slowed` or `already_member`
   */
  async accept(body: unknown, clientIp: string): Promise<Member> {
    const { secret, name, password, code = '' } = parseBody(acceptance, body).data.attributes
    const invitation = isChecksummedSecret(INVITATION_PREFIX, secret)
      ? await this.#store.bySecret(this.#keys.digests(secret))
      : null
    if (!invitation || !this.#isOpen(invitation)) throw notFound()
    const { email, organization } = invitation
    if (name !== undefined && organization.makesAccounts) {
      // Judged before anything is looked up: what is wrong with it does not tell who has an account.
      assertForm(password)
      const passwordHash = await this.#passwords.hashChosen(password, { email, name }, PASSWORD)
      if (!(await this.#users.byEmail(email)))
        return this.#joinNew(invitation, clientIp, { email, name, passwordHash })
    }
    const { id } = await this.#prove(invitation, { email, password, code, clientIp })
    return this.#join(invitation, { type: 'user', id, name: email, clientIp }, async em => {
      const user = (await this.#users.locked(em, id)) ?? raise()
      // The operator hands the link to whom the address belongs.
      if (await this.#organizations.isOperators(organization.id, em)) user.vouchedBy = null
      return user
    })
  }

  async #joinNew(
    invitation: Invitation,
    clientIp: string,
    account: { readonly email: string; readonly name: string; readonly passwordHash: string },
  ): Promise<Member> {
    const organizationId = invitation.organization.id
    const id = newId()
    try {
      return await this.#join(invitation, { type: 'user', id, name: account.email, clientIp }, async em => {
        const isOperators = await this.#organizations.isOperators(organizationId, em)
        const vouchedBy = isOperators ? null : organizationId
        return this.#accounts.create(em, { id, ...account, vouchedBy })
      })
    } catch (error) {
      // Of two who accept for one email at once, the other was first: the link, or the account, is taken.
      throw error instanceof UniqueConstraintViolationException ? notFound() : error
    }
  }

  async #prove({ organization }: Invitation, proof: Parameters<SignInService['prove']>[0]): Promise<User> {
    try {
      return await this.#signIn.prove(proof)
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'password_refused') throw error
      throw new Problem(
        'password_refused',
        organization.makesAccounts
          ? 'This proves no account of the invited address: check the password, and the one-time code where one is set up. Who has forgotten them asks an owner of their organization, or of this server.'
          : 'The links of this organization are for people with an account, and this proves none of the invited address. Who has none is invited by an organization of the owners of this server first.',
      )
    }
  }

  /** @param userOf who joins, held until the transaction ends */
  async #join(
    { id, organization }: Invitation,
    actor: Actor,
    userOf: (em: EntityManager) => Promise<User>,
  ): Promise<Member> {
    return this.#database.em().transactional(async em => {
      await this.#memberStore.lock(em, organization.id)
      const user = await userOf(em)
      const invitation = await this.#store.locked(em, id)
      if (!invitation || !this.#isOpen(invitation)) throw notFound()
      if (await this.#memberStore.find(em, organization.id, user.id)) throw alreadyMember()
      invitation.acceptedAt = this.#clock.date()
      noteInvitation(this.#audit, em, actor, 'invitation.accept', invitation)
      return this.#members.insert(em, organization.id, actor, user, invitation.role)
    })
  }

  #isOpen(invitation: Invitation): boolean {
    return !invitation.acceptedAt && invitation.expiresAt.getTime() > this.#clock.now()
  }
}

function assertForm(password: string): void {
  const { error } = newPassword.safeParse(password)
  if (error)
    throw validationFailed(error.issues.map(({ message: detail }) => ({ pointer: PASSWORD, detail })))
}

function alreadyMember(): Problem {
  return new Problem('already_member', 'The person is a member of the organization already.')
}

function raise(): never {
  throw notFound()
}
