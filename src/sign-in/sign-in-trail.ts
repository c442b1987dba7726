import type { User } from '../accounts/user.entity.ts'
import type { UserStore } from '../accounts/user.store.ts'
import type { UserAudit } from '../accounts/user-audit.ts'
import type { Database } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'

/** Who came in and went out, and whose account somebody tried too often, on record of the account. */
export class SignInTrail {
  readonly #database: Database
  readonly #users: Pick<UserStore, 'byId'>
  readonly #audit: UserAudit
  readonly #logger: Logger
  readonly #pending = new Set<Promise<void>>()

  constructor(database: Database, users: Pick<UserStore, 'byId'>, audit: UserAudit, logger: Logger) {
    this.#database = database
    this.#users = users
    this.#audit = audit
    this.#logger = logger
  }

  async signedIn(user: User, clientIp: string): Promise<void> {
    await this.#note(user, { ...actorOf(user), clientIp }, 'user.sign_in')
  }

  async signedOut(userId: string, clientIp: string): Promise<void> {
    const user = await this.#users.byId(userId)
    if (user) await this.#note(user, { ...actorOf(user), clientIp }, 'user.sign_out')
  }

  /**
   * Notes beside the answer, which must not come later than that to an email that nobody has. Who tried has proved
   * nothing: it is the server that says so.
   */
  slowed(user: User, clientIp: string): void {
    const noted = this.#note(
      user,
      { type: 'system', id: null, name: 'sign-in', clientIp },
      'user.sign_in_slowed',
    )
      .catch(error => this.#logger.error({ err: error }, 'failed sign-ins could not be noted'))
      .finally(() => this.#pending.delete(noted))
    this.#pending.add(noted)
  }

  /** Waits for what is being noted beside answers. */
  async drain(): Promise<void> {
    await Promise.all(this.#pending)
  }

  async #note(user: User, actor: Parameters<UserAudit['note']>[2], action: string): Promise<void> {
    await this.#database.em().transactional(async em => this.#audit.note(em, user, actor, { action }))
  }
}

function actorOf({ id, email }: User) {
  return { type: 'user', id, name: email } as const
}
