import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../platform/clock.ts'
import type { EntityManager } from '../platform/database.ts'
import type { Admission, ResourceServerService } from '../resource-servers/resource-server.service.ts'
import { assertOutlastsNot, endThoseMadeBy, settleEndWithCreator } from './creator.ts'
import { assertRoleMaySet } from './delegation.ts'
import type { Pass } from './pass.entity.ts'
import { presentPass } from './pass.presenter.ts'
import { normalizeAgentType, type PassUpdate } from './pass.schema.ts'
import type { PassService } from './pass.service.ts'
import type { PassStore, PassView } from './pass.store.ts'
import { admitted, parsePassUpdate, sentResources } from './pass-body.ts'
import type { Acting, PassChanges } from './pass-change.ts'
import { isPassIdTaken, passIdTaken } from './pass-id-taken.ts'
import { isLive } from './pass-secret.entity.ts'
import { isLater } from './pass-validity.ts'

/** Changes what was said of a pass when it was made. */
export class PassUpdateService {
  readonly #passes: Pick<PassService, 'get'>
  readonly #store: PassStore
  readonly #resources: Pick<ResourceServerService, 'hold'>
  readonly #changes: PassChanges
  readonly #clock: Clock

  constructor(
    passes: Pick<PassService, 'get'>,
    store: PassStore,
    resources: Pick<ResourceServerService, 'hold'>,
    changes: PassChanges,
    clock: Clock,
  ) {
    this.#passes = passes
    this.#store = store
    this.#resources = resources
    this.#changes = changes
    this.#clock = clock
  }

  /**
   * Changes the fields that are sent. Scopes count from the next grant; a shorter validity counts at once.
   * @param ifMatch the header; empty when there is none
   * @throws Problem `not_found`, `precondition_failed`, `validation_failed`, `scope_not_grantable` or `pass_id_taken`
   */
  async update(acting: Acting, id: string, body: unknown, ifMatch?: string): Promise<PassView> {
    const now = this.#clock.date()
    const shown = presentPass(await this.#passes.get(acting.projectId, id), now.getTime())
    let admit: Admission = () => undefined
    const holdFirst = async (em: EntityManager) => {
      admit = await this.#resources.hold(em, acting, sentResources(body))
    }
    const apply = async (em: EntityManager, pass: Pass) => {
      const secrets = await this.#store.secrets(em, pass.id)
      const hasSecret = secrets.some(secret => isLive(secret, now.getTime()))
      const { endsWithCreator, ...fields } = parsePassUpdate(body, { pass, hasSecret, shown, admit }, now)
      assertRoleMaySet(acting, pass, fields)
      const { jwks, validUntil: endBefore = null } = pass
      if (fields.resources) fields.resources = admitted(fields.resources, admit, pass.resources)
      applySent(pass, fields)
      const isLonger = isLater(pass.validUntil, endBefore)
      const hasNewKeys = pass.jwks && !isDeepStrictEqual(pass.jwks, jwks)
      if (isLonger || hasNewKeys) await assertOutlastsNot(em, acting, pass, this.#store)
      if (isLonger || (endsWithCreator ?? pass.endsWithCreator) !== pass.endsWithCreator)
        settleEndWithCreator(acting, pass, endsWithCreator, await this.#store.creatorOf(em, pass))
      await this.#settleTokens(em, acting, pass, endBefore, now)
      return undefined
    }
    try {
      const act = { action: 'pass.update', ifMatch, holdFirst, apply }
      return await this.#changes.change(acting, id, act, (em, pass) => this.#store.viewIn(em, pass))
    } catch (error) {
      throw isPassIdTaken(error) ? passIdTaken() : error
    }
  }

  async #settleTokens(
    em: EntityManager,
    acting: Acting,
    pass: Pass,
    endBefore: Date | null,
    now: Date,
  ): Promise<void> {
    const { validUntil } = pass
    if (validUntil?.getTime() === endBefore?.getTime()) return
    // For good: extending the pass later brings no token back that ended with it, wherever it is kept.
    if (endBefore && endBefore <= now) pass.epoch += 1
    if (validUntil) await endThoseMadeBy(em, this.#store, this.#changes, acting.actor, pass, validUntil)
  }
}

/** Sets the fields that were sent and leaves the others. `null` is what a field is when nothing is said of it. */
function applySent(pass: Pass, sent: Omit<PassUpdate, 'endsWithCreator'>): void {
  const { organization, agentType, entityType, entityId, ...fields } = sent
  const given = Object.entries(fields).filter(([, value]) => value !== undefined)
  Object.assign(pass, Object.fromEntries(given))
  if (organization !== undefined) pass.organizationName = organization
  if (agentType !== undefined) pass.agentType = agentType ?? normalizeAgentType(pass.title)
  if (entityType !== undefined) pass.entityType = entityType ?? 'project'
  if (entityId !== undefined) pass.entityId = entityId ?? pass.project.id
}
