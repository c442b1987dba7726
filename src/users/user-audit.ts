import type { Actor, AuditTrail } from '../audit/audit-trail.ts'
import type { EntityManager } from '../platform/database.ts'
import type { User } from './user.entity.ts'
import type { UserStore } from './user.store.ts'

/** What was done to an account. */
export interface UserAct {
  readonly action: string
  readonly before?: Record<string, unknown>
  readonly after?: Record<string, unknown>
}

/** Notes what happens to accounts in each organization of the user: its owners answer for who gets in. */
export class UserAudit {
  readonly #audit: AuditTrail
  readonly #users: Pick<UserStore, 'organizationIds'>

  constructor(audit: AuditTrail, users: Pick<UserStore, 'organizationIds'>) {
    this.#audit = audit
    this.#users = users
  }

  /** Notes an act in the transaction that carries it out. */
  async note(em: EntityManager, user: Pick<User, 'id' | 'email'>, actor: Actor, act: UserAct): Promise<void> {
    const organizationIds = await this.#users.organizationIds(em, user.id)
    for (const organizationId of organizationIds.length > 0 ? organizationIds : [null])
      this.#audit.noteIn(em, { organizationId, projectId: null }, actor, {
        ...act,
        targetType: 'user',
        targetId: user.id,
        targetName: user.email,
      })
  }
}
