import type { Actor } from '../access/actor.ts'
import type { Clock } from '../platform/clock.ts'
import type { EntityManager } from '../platform/database.ts'
import { masked, maskedDeep } from '../platform/masking.ts'
import { newId } from '../platform/uuid.ts'
import { AuditEventEntity } from './audit-event.entity.ts'
import type { TargetType } from './audit-event.ts'

export const SYSTEM: Actor = { type: 'system', id: null, name: 'bootstrap', clientIp: null }

/** One act on one thing. `before` and `after` hold the members that changed, never a secret. */
export interface AuditedAct {
  readonly action: string
  readonly targetType: TargetType
  readonly targetId: string
  readonly targetName: string
  readonly before?: Record<string, unknown>
  readonly after?: Record<string, unknown>
}

/** Whose record an act belongs to. */
export interface AuditPlace {
  readonly organizationId: string | null
  readonly projectId: string | null
}

/** Who did what to which pass, key, member or user, from which address. */
export class AuditTrail {
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Notes an act in a project, in the transaction that carries it out. */
  note(em: EntityManager, projectId: string, actor: Actor, act: AuditedAct): void {
    this.noteIn(em, { projectId, organizationId: null }, actor, act)
  }

  /** Notes an act where those who answer for it read: in an organization, in a project, or in both. */
  noteIn(em: EntityManager, place: AuditPlace, actor: Actor, act: AuditedAct): void {
    em.create(AuditEventEntity, {
      id: newId(),
      projectId: place.projectId,
      organizationId: place.organizationId,
      actorType: actor.type,
      actorId: actor.id,
      actorName: masked(actor.name),
      clientIp: actor.clientIp,
      action: act.action,
      targetType: act.targetType,
      targetId: act.targetId,
      targetName: masked(act.targetName),
      before: maskedDeep(act.before ?? null),
      after: maskedDeep(act.after ?? null),
      createdAt: this.#clock.date(),
    })
  }
}
