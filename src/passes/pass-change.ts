import type { Actor } from '../access/actor.ts'
import type { Principal } from '../access/principal.ts'
import type { AuditTrail } from '../audit/audit-trail.ts'
import { changesBetween } from '../audit/changes.ts'
import { ifMatchHolds } from '../http/etag.ts'
import { notFound, Problem } from '../http/problems.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database, EntityManager } from '../platform/database.ts'
import { assertMayChange } from './delegation.ts'
import type { Pass } from './pass.entity.ts'
import { stateTag } from './pass.presenter.ts'
import type { PassStore } from './pass.store.ts'
import { auditedFields } from './pass-audit.ts'

/** Who acts in which project: as the authorization decides by it, and as the audit trail notes it. */
export interface Acting {
  readonly principal: Principal
  readonly actor: Actor
  readonly organizationId: string
  readonly projectId: string
}

/** One act on one pass. */
export interface PassAct {
  /** As the audit trail names it. */
  readonly action: string
  /** The header; empty when there is none. */
  readonly ifMatch?: string | undefined
  /** Holds what others hold before they hold a pass. */
  readonly holdFirst?: (em: EntityManager) => Promise<void>
  /**
   * Carries it out, on a pass that is held until the transaction ends.
   * @returns what the audit trail shows of it beside the fields that have changed; nothing where there is no more
   */
  readonly apply: (em: EntityManager, pass: Pass) => Promise<PassActNote | undefined> | undefined
}

/** What an act did that no field of the pass shows. */
export interface PassActNote {
  readonly before?: Record<string, unknown>
  readonly after?: Record<string, unknown>
}

/** Changes passes: each in one transaction, with its audit event, and none where it leaves all as it was. */
export class PassChanges {
  readonly #database: Database
  readonly #store: PassStore
  readonly #audit: AuditTrail
  readonly #clock: Clock

  constructor(database: Database, store: PassStore, audit: AuditTrail, clock: Clock) {
    this.#database = database
    this.#store = store
    this.#audit = audit
    this.#clock = clock
  }

  /**
   * Asks whether the act would be let through, before there is work to be done for it.
   * @throws Problem `not_found`, `forbidden`, `scope_not_grantable` or `precondition_failed`
   */
  async ask(acting: Acting, id: string, ifMatch = ''): Promise<Pass> {
    const em = this.#database.em()
    return this.#allowed(em, acting, await this.#store.find(em, acting.projectId, id), ifMatch)
  }

  /**
   * One change of a pass that exists: found and held, allowed, applied, its version raised, noted.
   * @param answer makes the answer within the transaction
   * @throws Problem `not_found`, `forbidden`, `scope_not_grantable`, `precondition_failed`, and what `apply` throws
   */
  async change<Answer>(
    acting: Acting,
    id: string,
    { action, ifMatch, holdFirst, apply }: PassAct,
    answer: (em: EntityManager, pass: Pass) => Promise<Answer>,
  ): Promise<Answer> {
    return this.#database.em().transactional(async em => {
      await acting.actor.hold?.(em)
      await holdFirst?.(em)
      const found = await this.#store.findLocked(em, acting.projectId, id)
      const pass = await this.#allowed(em, acting, found, ifMatch)
      const before = auditedFields(pass)
      const { epoch } = pass
      const note = await apply(em, pass)
      await assertMayChange(em, acting, pass, this.#store)
      if (pass.active) pass.tokensEnded = false
      const changed = changesBetween(before, auditedFields(pass))
      if (changed || note || pass.epoch !== epoch) {
        this.moveOn(pass)
        this.note(em, acting.actor, pass, action, changed, note)
      }
      return answer(em, pass)
    })
  }

  /** Marks a pass as changed, so that nobody acts on a copy of how it was. */
  moveOn(pass: Pass): void {
    pass.version += 1
    pass.updatedAt = this.#clock.date()
  }

  note(
    em: EntityManager,
    actor: Actor,
    pass: Pass,
    action: string,
    changed: ReturnType<typeof changesBetween>,
    note: PassActNote = {},
  ): void {
    const before = { ...changed?.before, ...note.before }
    const after = { ...changed?.after, ...note.after }
    this.#audit.note(em, pass.project.id, actor, {
      action,
      targetType: 'pass',
      targetId: pass.id,
      targetName: pass.title,
      ...(Object.keys(before).length > 0 ? { before } : {}),
      ...(Object.keys(after).length > 0 ? { after } : {}),
    })
  }

  async #allowed(em: EntityManager, acting: Acting, pass: Pass | null, ifMatch = ''): Promise<Pass> {
    if (!pass) throw notFound()
    await assertMayChange(em, acting, pass, this.#store)
    if (!ifMatchHolds(ifMatch, stateTag(pass)))
      throw new Problem(
        'precondition_failed',
        'The pass has been changed since you read it. Read it again, and send If-Match with its ETag.',
      )
    return pass
  }
}
