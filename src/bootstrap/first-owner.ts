import { generatePassword, type Passwords } from '../accounts/passwords.ts'
import { SYSTEM } from '../audit/audit-trail.ts'
import type { MemberService } from '../organizations/member.service.ts'
import type { Config } from '../platform/config.ts'
import type { EntityManager } from '../platform/database.ts'
import { EX_CONFIG, OperatorError } from '../platform/errors.ts'
import { passwordFault } from '../platform/password-policy.ts'
import type { AccountService } from '../users/account.service.ts'

const DEFAULT_EMAIL = 'owner@localhost'

/** The first account. The password is told once, unless the operator gave it. */
export interface FirstOwner {
  readonly email: string
  /** undefined: the one of `ADMIN_PASSWORD`. */
  readonly password: string | undefined
}

/** Makes the first account, which owns what is there; more people are invited by it. */
export class FirstOwners {
  readonly #accounts: AccountService
  readonly #members: MemberService
  readonly #passwords: Passwords
  readonly #config: Pick<Config, 'adminEmail' | 'adminPassword'>

  constructor(
    accounts: AccountService,
    members: MemberService,
    passwords: Passwords,
    config: Pick<Config, 'adminEmail' | 'adminPassword'>,
  ) {
    this.#accounts = accounts
    this.#members = members
    this.#passwords = passwords
    this.#config = config
  }

  /**
   * Within a transaction.
   * @param organizationIds what the owner owns
   * @throws OperatorError (exit code 78) when `ADMIN_PASSWORD`, which counts here alone, is easy to guess
   */
  async insert(em: EntityManager, organizationIds: readonly string[]): Promise<FirstOwner> {
    const email = this.#config.adminEmail ?? DEFAULT_EMAIL
    const password = this.#config.adminPassword ?? generatePassword()
    const fault = passwordFault(password, [email])
    if (fault !== undefined)
      throw new OperatorError(`The settings are not usable:\n  ADMIN_PASSWORD: ${fault}`, EX_CONFIG)
    const passwordHash = await this.#passwords.hash(password)
    const user = this.#accounts.create(em, { email, name: 'Owner', passwordHash })
    for (const organizationId of organizationIds)
      this.#members.insert(em, organizationId, SYSTEM, user, 'OWNER')
    return { email, password: this.#config.adminPassword === undefined ? password : undefined }
  }
}
