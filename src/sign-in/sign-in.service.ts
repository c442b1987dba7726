import { email as emailSchema } from '../accounts/email.schema.ts'
import type { Passwords } from '../accounts/passwords.ts'
import { totpStep } from '../accounts/totp.ts'
import type { User } from '../accounts/user.entity.ts'
import type { UserStore } from '../accounts/user.store.ts'
import { Problem } from '../http/problems.ts'
import { networkOf } from '../http/rate-limiting.ts'
import type { Clock } from '../platform/clock.ts'
import type { RateLimiter } from '../platform/rate-limiter.ts'
import type { RateLimit } from '../platform/rate-limits.ts'
import type { SecretKeys } from '../platform/secret-keys.ts'
import type { KnownBrowsers } from './known-browsers.ts'
import type { SignInAttemptsStore } from './sign-in-attempts.store.ts'
import type { SignInTrail } from './sign-in-trail.ts'

/** Failed attempts from one address (IPv6: from its network), whichever accounts they are for. */
export const ATTEMPTS_PER_ADDRESS: RateLimit = { limit: 100, windowSeconds: 600 }
/** Longer than any that can be set. */
const LONGEST_PROOF = 1000

/** What somebody shows to be let in. */
export interface ShownProof {
  readonly email: string
  readonly password: string
  /** The one-time code; empty where none was given. */
  readonly code: string
  readonly clientIp: string
  /** The cookie of a browser that may be known; empty or not there: it is a stranger. */
  readonly browser?: string
}

/** How it ended. What was wrong is not told: not the email, not the password, not the code. */
export type SignInOutcome =
  | { readonly kind: 'proved'; readonly user: User }
  | { readonly kind: 'refused' }
  | { readonly kind: 'slowed'; readonly retryAfterSeconds: number }

/** Judges who signs in. Slowed for each account, known or not, in the database; for each address where limits are counted. */
export class SignInService {
  readonly #users: UserStore
  readonly #attempts: SignInAttemptsStore
  readonly #passwords: Passwords
  readonly #keys: SecretKeys
  readonly #clock: Clock
  readonly #trail: Pick<SignInTrail, 'slowed'>
  readonly #addresses: RateLimiter
  readonly #browsers: KnownBrowsers

  constructor(
    users: UserStore,
    attempts: SignInAttemptsStore,
    passwords: Passwords,
    keys: SecretKeys,
    clock: Clock,
    trail: Pick<SignInTrail, 'slowed'>,
    addresses: RateLimiter,
    browsers: KnownBrowsers,
  ) {
    this.#users = users
    this.#attempts = attempts
    this.#passwords = passwords
    this.#keys = keys
    this.#clock = clock
    this.#trail = trail
    this.#addresses = addresses
    this.#browsers = browsers
  }

  /** Judges an email, a password and a one-time code. An email that nobody has costs the same and answers the same. */
  async judge(proof: ShownProof): Promise<SignInOutcome> {
    const outcome = await this.#judge(proof, 'sign-in', async user => this.#acceptsCode(user, proof.code))
    if (outcome.kind === 'proved') await this.#users.noteSignIn(outcome.user.id, this.#clock.date())
    return outcome
  }

  async #judge(
    proof: Omit<ShownProof, 'code'>,
    by: 'sign-in' | 'session',
    acceptsCode: (user: User) => Promise<boolean>,
  ): Promise<SignInOutcome> {
    const parsed = emailSchema.safeParse(proof.email)
    // Counted under whatever was typed, so that nothing gets round the count.
    const email = parsed.success ? parsed.data : proof.email
    const user = parsed.success ? await this.#users.byEmail(email) : null
    const known = this.#browsers.nameFor(proof.browser ?? '', user)
    // Whoever holds a session, or a browser that the person has signed in with, is counted apart: strangers lock neither out.
    const isStranger = by === 'sign-in' && known === undefined
    if (isStranger) {
      const { allowed, resetMs } = await this.#addresses.take(networkOf(proof.clientIp))
      if (!allowed) return { kind: 'slowed', retryAfterSeconds: Math.max(1, Math.ceil(resetMs / 1000)) }
    }
    const digest = this.#keys.digest(isStranger ? `sign-in ${email}` : `${by} ${known ?? ''} ${email}`)
    const { wait, slows } = await this.#attempts.begin(digest, this.#clock.date())
    if (wait > 0) return { kind: 'slowed', retryAfterSeconds: wait }
    const fits = proof.password.length <= LONGEST_PROOF
    const matches = await this.#passwords.verify(user?.passwordHash, fits ? proof.password : '')
    if (!user || !matches || !fits || !(await acceptsCode(user))) {
      if (user && slows) this.#trail.slowed(user, proof.clientIp)
      return { kind: 'refused' }
    }
    if (matches === 'as typed')
      await this.#users.replacePasswordHash(
        user.id,
        user.passwordHash,
        await this.#passwords.hash(proof.password),
      )
    await this.#attempts.succeed(digest)
    if (isStranger) await this.#addresses.giveBack(networkOf(proof.clientIp))
    return { kind: 'proved', user }
  }

  /**
   * The same for a call of the API.
   * @throws Problem `password_refused` or `sign_in_slowed`
   */
  async prove(proof: ShownProof): Promise<User> {
    return provedUser(await this.judge(proof))
  }

  /** The password alone, of somebody who is signed in. @throws Problem `password_refused` or `sign_in_slowed` */
  async provePassword(proof: Omit<ShownProof, 'code'>): Promise<User> {
    return provedUser(await this.#judge(proof, 'session', async () => true))
  }

  /** Forgets the failed attempts of an email: its password was set anew. */
  async forgive(email: string): Promise<void> {
    await this.#attempts.succeed(this.#keys.digest(`sign-in ${email}`))
  }

  async #acceptsCode(user: User, code: string): Promise<boolean> {
    if (!user.totpSecret) return true
    const secret = this.#keys.decrypt(user.totpSecret)
    const step = totpStep(secret, code, this.#clock.now(), user.totpLastStep ?? null)
    return step !== undefined && this.#users.spendTotpStep(user.id, step)
  }
}

function provedUser(outcome: SignInOutcome): User {
  if (outcome.kind === 'proved') return outcome.user
  if (outcome.kind === 'slowed')
    throw new Problem(
      'sign_in_slowed',
      `There were too many failed attempts. Try again in ${outcome.retryAfterSeconds} seconds.`,
      undefined,
      { retry_after: outcome.retryAfterSeconds },
    )
  throw new Problem('password_refused', 'The password, or the one-time code where one is set up, is wrong.')
}
