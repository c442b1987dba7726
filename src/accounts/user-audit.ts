import type { Actor } from '../access/actor.ts'
import type { AuditTrail } from '../audit/audit-trail.ts'
import type { EntityManager } from '../platform/database.ts'
import type { User } from './user.entity.ts'

/** What was done to an account. */
export interface UserAct {
  readonly action: string
  readonly before?: Record<string, unknown>
  readonly after?: Record<string, unknown>
}

/**
 * Notes what happens to accounts: in no organization, for the person to read and for whoever may reset their password.
 * How and from where somebody signs in is not the business of everybody whom they work with.
 */
export class UserAudit {
  readonly #audit: AuditTrail

  constructor(audit: AuditTrail) {
    this.#audit = audit
  }

  /** Notes an act in the transaction that carries it out. */
  note(em: EntityManager, user: Pick<User, 'id' | 'email'>, actor: Actor, act: UserAct): void {
    this.#note(em, null, user, actor, act)
  }

  /** The same in organizations whom it concerns. */
  noteIn(
    em: EntityManager,
    organizationIds: readonly string[],
    user: Pick<User, 'id' | 'email'>,
    actor: Actor,
    act: UserAct,
  ): void {
    for (const id of organizationIds) this.#note(em, id, user, actor, act)
  }

  #note(
    em: EntityManager,
    organizationId: string | null,
    user: Pick<User, 'id' | 'email'>,
    actor: Actor,
    act: UserAct,
  ): void {
    this.#audit.noteIn(em, { organizationId, projectId: null }, actor, {
      ...act,
      targetType: 'user',
      targetId: user.id,
      targetName: user.email,
    })
  }
}
