import type { Actor } from '../access/actor.ts'
import type { Passwords } from '../accounts/passwords.ts'
import { newTotpSecret, presentTotpSecret, totpStep } from '../accounts/totp.ts'
import { type User, UserEntity } from '../accounts/user.entity.ts'
import type { UserStore } from '../accounts/user.store.ts'
import type { UserAudit } from '../accounts/user-audit.ts'
import type { Page, PageRequest } from '../http/pagination.ts'
import { notFound, Problem } from '../http/problems.ts'
import type { FormerMembership, MemberStore, Membership } from '../organizations/member.store.ts'
import { closeReset, RESET_PREFIX } from '../organizations/one-time-links.ts'
import { isChecksummedSecret } from '../platform/checksummed-secret.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database, EntityManager } from '../platform/database.ts'
import type { SecretKeys } from '../platform/secret-keys.ts'
import { newId } from '../platform/uuid.ts'
import type { ShownProof, SignInService } from '../sign-in/sign-in.service.ts'
import type { UserSession, UserSessionStore } from '../sign-in/user-session.store.ts'
import type { TotpSecret } from './user-answer.schema.ts'

/** A secret for one-time codes waits so long for its first code. */
const CONFIRMED_WITHIN_MS = 600_000

/** What an account is asked of the organizations that it is in. */
type OwnMemberships = Pick<
  MemberStore,
  'lock' | 'find' | 'ownedAlone' | 'closeResets' | 'memberships' | 'formerMemberships' | 'organizationIds'
>

/** What somebody does with their own account. Each act is one transaction, with its audit events. */
export class AccountService {
  readonly #database: Database
  readonly #store: UserStore
  readonly #members: OwnMemberships
  readonly #sessions: UserSessionStore
  readonly #signIn: SignInService
  readonly #passwords: Passwords
  readonly #audit: UserAudit
  readonly #keys: SecretKeys
  readonly #clock: Clock

  constructor(
    database: Database,
    store: UserStore,
    members: OwnMemberships,
    sessions: UserSessionStore,
    signIn: SignInService,
    passwords: Passwords,
    audit: UserAudit,
    keys: SecretKeys,
    clock: Clock,
  ) {
    this.#database = database
    this.#store = store
    this.#members = members
    this.#sessions = sessions
    this.#signIn = signIn
    this.#passwords = passwords
    this.#audit = audit
    this.#keys = keys
    this.#clock = clock
  }

  /** Seals under the newest secret key what an older one had sealed, so that the older can go. */
  async reseal(): Promise<void> {
    await this.#store.replaceTotpSecrets(sealed => {
      try {
        return this.#keys.resealed(sealed)
      } catch {
        // Its key is not given any more: nothing for everybody else to wait for, and good again with the key back.
        return undefined
      }
    })
  }

  /**
   * Makes an account, within a transaction.
   * @param input the email in lower case; `vouchedBy` where the operator does not say whose it is
   */
  create(
    em: EntityManager,
    input: Pick<User, 'email' | 'name' | 'passwordHash'> & Partial<Pick<User, 'id' | 'vouchedBy'>>,
  ): User {
    const now = this.#clock.date()
    return em.create(UserEntity, {
      id: newId(),
      vouchedBy: null,
      ...input,
      epoch: 1,
      totpSecret: null,
      totpPendingSecret: null,
      totpPendingUntil: null,
      totpLastStep: null,
      resetDigest: null,
      resetExpiresAt: null,
      resetDropsTotp: false,
      lastSignedInAt: null,
      createdAt: now,
      updatedAt: now,
    })
  }

  /** @throws Problem `not_found` */
  async get(userId: string): Promise<{ user: User; memberships: Membership[]; former: FormerMembership[] }> {
    const user = await this.#store.byId(userId)
    if (!user) throw notFound()
    const [memberships, former] = [
      await this.#members.memberships(userId),
      await this.#members.formerMemberships(userId),
    ]
    return { user, memberships, former }
  }

  /** Changes what they are called. */
  async rename(actor: Actor, userId: string, name: string): Promise<void> {
    await this.#change(userId, actor, 'user.update', user => {
      user.name = name
    })
  }

  /**
   * Sets a new password for who knows the old one. Every session and token of theirs ends, this one's too.
   * @throws Problem `password_refused`, `sign_in_slowed`, or `validation_failed` for one that is easy to guess
   */
  async changePassword(
    actor: Actor,
    proof: Omit<ShownProof, 'code'>,
    userId: string,
    password: string,
  ): Promise<void> {
    const user = await this.#provePassword(userId, proof)
    const passwordHash = await this.#passwords.hashChosen(password, user, '/data/attributes/newPassword')
    await this.#change(userId, actor, 'user.change_password', user => {
      user.passwordHash = passwordHash
      user.epoch += 1
      closeReset(user)
    })
  }

  /** Ends every session and token of a user. */
  async signOutEverywhere(actor: Actor, userId: string): Promise<void> {
    await this.#change(userId, actor, 'user.sign_out_everywhere', user => {
      user.epoch += 1
    })
  }

  /** The browsers that somebody is signed in with, that used last first. */
  async sessions(userId: string, request: PageRequest): Promise<Page<UserSession>> {
    return this.#sessions.list(userId, request)
  }

  /** Ends one session of a user, with its tokens. @throws Problem `not_found` */
  async endSession(actor: Actor, userId: string, id: string): Promise<void> {
    await this.#database.em().transactional(async em => {
      const user = await this.#store.locked(em, userId)
      if (!user) throw notFound()
      await actor.hold?.(em)
      const signedInAt = await this.#sessions.end(em, userId, id)
      if (!signedInAt) throw notFound()
      this.#audit.note(em, user, actor, { action: 'user.end_session', before: { signedInAt } })
    })
  }

  /**
   * Makes a secret for one-time codes; they are asked for once one of it has been confirmed, within ten minutes.
   * @throws Problem `password_refused`, `sign_in_slowed` or `totp_enrolled`
   */
  async enrolTotp(actor: Actor, proof: Omit<ShownProof, 'code'>, userId: string): Promise<TotpSecret> {
    await this.#provePassword(userId, proof)
    const secret = newTotpSecret()
    const user = await this.#change(userId, actor, 'user.enrol_totp', target => {
      if (target.totpSecret)
        throw new Problem(
          'totp_enrolled',
          'One-time codes are set up already. Remove them first to set up another device.',
        )
      target.totpPendingSecret = this.#keys.encrypt(secret)
      target.totpPendingUntil = new Date(this.#clock.now() + CONFIRMED_WITHIN_MS)
    })
    return presentTotpSecret(secret, user.email)
  }

  /**
   * Asks for one-time codes from now on. Sessions that were begun without one end, but for that of the request.
   * @throws Problem `validation_failed` for a wrong code, or one that comes too late
   */
  async confirmTotp(actor: Actor, userId: string, sessionId: string, code: string): Promise<void> {
    await this.#change(userId, actor, 'user.confirm_totp', async (user, em) => {
      const waits = (user.totpPendingUntil?.getTime() ?? 0) > this.#clock.now()
      const pending = waits ? user.totpPendingSecret : null
      const step = pending && totpStep(this.#keys.decrypt(pending), code, this.#clock.now(), null)
      if (!pending || step === undefined || step === null)
        throw new Problem('validation_failed', 'Send the code that the app shows now for the new secret.', [
          { pointer: '/data/attributes/code', detail: 'is not the code of the secret that waits for one' },
        ])
      user.totpSecret = pending
      user.totpPendingSecret = null
      user.totpPendingUntil = null
      user.totpLastStep = step
      await this.#sessions.endOthers(em, userId, sessionId)
    })
  }

  /** Asks for no one-time codes any more. @throws Problem `password_refused` or `sign_in_slowed` */
  async removeTotp(actor: Actor, proof: Omit<ShownProof, 'code'>, userId: string): Promise<void> {
    await this.#provePassword(userId, proof)
    await this.#change(userId, actor, 'user.remove_totp', clearTotp)
  }

  /**
   * Sets the password of whom a reset link was made for. Every session and token of theirs ends.
   * @throws Problem `not_found` for a secret that is unknown, used, or past its time, `validation_failed` for a password
   *   that is easy to guess
   */
  async redeemReset(secret: string, password: string, clientIp: string): Promise<void> {
    if (!isChecksummedSecret(RESET_PREFIX, secret)) throw notFound()
    const digests = this.#keys.digests(secret)
    // Hashing is costly, and anybody can make up a secret of the right form.
    const whose = await this.#store.byReset(digests)
    if (!whose) throw notFound()
    const passwordHash = await this.#passwords.hashChosen(password, whose, '/data/attributes/password')
    const email = await this.#database.em().transactional(async em => {
      const user = await this.#store.lockedByReset(em, digests)
      if (!user?.resetExpiresAt || user.resetExpiresAt.getTime() <= this.#clock.now()) throw notFound()
      const before = auditedFields(user)
      user.passwordHash = passwordHash
      user.epoch += 1
      if (user.resetDropsTotp) clearTotp(user)
      closeReset(user)
      user.updatedAt = this.#clock.date()
      const actor = { type: 'user', id: user.id, name: user.email, clientIp } as const
      this.#audit.note(em, user, actor, {
        action: 'user.redeem_password_reset',
        before,
        after: auditedFields(user),
      })
      return user.email
    })
    await this.#signIn.forgive(email)
  }

  /**
   * Sets a password without any proof and drops one-time codes: the operator's way back in.
   * @throws Problem `not_found`
   */
  async overridePassword(actor: Actor, email: string, password: string): Promise<void> {
    const found = await this.#store.byEmail(email)
    if (!found) throw notFound()
    const passwordHash = await this.#passwords.hash(password)
    await this.#change(found.id, actor, 'user.override_password', user => {
      user.passwordHash = passwordHash
      user.epoch += 1
      clearTotp(user)
      closeReset(user)
    })
    await this.#signIn.forgive(email)
  }

  /**
   * Deletes the account of who knows its password. Memberships, sessions and tokens end with it; invitations that they
   * made, and what they did, stay on record with their name.
   * @throws Problem `password_refused`, `sign_in_slowed`, or `last_owner` with the organizations that need another one
   */
  async delete(actor: Actor, proof: Omit<ShownProof, 'code'>, userId: string): Promise<void> {
    await this.#provePassword(userId, proof)
    await this.#database.em().transactional(async em => {
      const organizationIds = await this.#members.organizationIds(em, userId)
      // Before the user, as whoever joins holds them, and all in one order: so that nobody waits for each other.
      for (const id of organizationIds.toSorted()) await this.#members.lock(em, id)
      const user = await this.#store.locked(em, userId)
      if (!user) throw notFound()
      await actor.hold?.(em)
      if ((await this.#members.organizationIds(em, userId)).some(id => !organizationIds.includes(id)))
        throw new Problem('service_unavailable', 'You were made a member meanwhile. Try again.')
      await this.#assertOwnersRemain(em, userId)
      // Others might still set their password by a link that this owner knows.
      for (const id of organizationIds) await this.#members.closeResets(em, id)
      const act = { action: 'user.delete', before: { name: user.name } }
      this.#audit.note(em, user, actor, act)
      // From which address is theirs alone to know.
      this.#audit.noteIn(em, organizationIds, user, { ...actor, clientIp: null }, act)
      em.remove(user)
    })
  }

  /**
   * Takes an address from the account that has it, where there is one: whoever gave it may not have been who it
   * belongs to. Sessions end, and the account goes on under an address that nobody is sent: the next invitation to the
   * address makes an account of its own.
   * @param instanceId the organization of the instance's owners, on whose trail it is noted
   * @throws Problem `forbidden` for the address of another owner of the instance
   */
  async releaseAddress(actor: Actor, instanceId: string, email: string): Promise<void> {
    await this.#database.em().transactional(async em => {
      await this.#members.lock(em, instanceId)
      await actor.hold?.(em)
      const found = await this.#store.byEmail(email, em)
      const user = found && (await this.#store.locked(em, found.id))
      if (!user) return
      if ((await this.#members.find(em, instanceId, user.id))?.role === 'OWNER')
        throw new Problem(
          'forbidden',
          'An owner of this server has this address. Take the role from them first.',
        )
      const act = { action: 'user.release_address', before: { email } }
      this.#audit.note(em, user, { ...actor, clientIp: null }, act)
      this.#audit.noteIn(em, [instanceId], user, actor, act)
      user.email = `released-${user.id}@address.invalid`
      user.epoch += 1
      closeReset(user)
      user.updatedAt = this.#clock.date()
    })
  }

  async #assertOwnersRemain(em: EntityManager, userId: string): Promise<void> {
    const organizations = await this.#members.ownedAlone(em, userId)
    if (organizations.length === 0) return
    const names = organizations.map(({ name }) => name).join(', ')
    throw new Problem(
      'last_owner',
      `You are the only owner of ${names}. Make somebody else an owner there, or delete the organization, first.`,
      undefined,
      { organizations },
    )
  }

  // The session stands for the second factor here: what is asked for is that it is not somebody at an open screen.
  async #provePassword(userId: string, proof: Omit<ShownProof, 'code'>): Promise<User> {
    const user = await this.#signIn.provePassword(proof)
    if (user.id !== userId) throw notFound()
    return user
  }

  async #change(
    userId: string,
    actor: Actor,
    action: string,
    apply: (user: User, em: EntityManager) => void | Promise<void>,
  ): Promise<User> {
    return this.#database.em().transactional(async em => {
      const user = await this.#store.locked(em, userId)
      if (!user) throw notFound()
      await actor.hold?.(em)
      const before = auditedFields(user)
      await apply(user, em)
      user.updatedAt = this.#clock.date()
      this.#audit.note(em, user, actor, { action, before, after: auditedFields(user) })
      return user
    })
  }
}

function auditedFields(user: User): Record<string, unknown> {
  return { name: user.name, epoch: user.epoch, totp: Boolean(user.totpSecret) }
}

function clearTotp(user: User): void {
  user.totpSecret = null
  user.totpPendingSecret = null
  user.totpPendingUntil = null
  user.totpLastStep = null
}
