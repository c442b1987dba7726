import { UniqueConstraintViolationException } from '@mikro-orm/core'
import type { Principal } from '../access/principal.ts'
import type { Actor, AuditTrail } from '../audit/audit-trail.ts'
import { ifMatchHolds } from '../http/etag.ts'
import type { Page } from '../http/pagination.ts'
import { notFound, Problem } from '../http/problems.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database, EntityManager } from '../platform/database.ts'
import { newId } from '../platform/uuid.ts'
import { assertMayChange, assertRoleMaySet } from './delegation.ts'
import { createPass, generatePassId } from './new-pass.ts'
import type { Pass } from './pass.entity.ts'
import { passETag } from './pass.presenter.ts'
import { type PassQuery, type PassUpdate, parseNewPass, parsePassUpdate } from './pass.schema.ts'
import type { PassStore, PassView } from './pass.store.ts'
import type { Credentials } from './pass-answer.schema.ts'
import { type AuditedFields, auditedFields, changesBetween } from './pass-audit.ts'
import { PassSecretEntity } from './pass-secret.entity.ts'
import type { PassSecrets } from './pass-secret.ts'
import { TombstoneEntity } from './tombstone.entity.ts'

const PASS_ID_TRIES = 5
const PASS_ID_CONSTRAINT = 'passes_project_id_pass_id_unique'

/** Who acts in which project: as the authorization decides by it, and as the audit trail notes it. */
export interface Acting {
  readonly principal: Principal
  readonly actor: Actor
  readonly organizationId: string
  readonly projectId: string
}

/** A pass and, once, the credentials of its agent. */
export interface IssuedPass {
  readonly view: PassView
  readonly credentials: Credentials
}

/** The life of a pass. Each act is one transaction, with its audit event. */
export class PassService {
  readonly #database: Database
  readonly #store: PassStore
  readonly #secrets: PassSecrets
  readonly #audit: AuditTrail
  readonly #clock: Clock
  readonly #apiBaseUrl: string

  constructor(
    database: Database,
    store: PassStore,
    secrets: PassSecrets,
    audit: AuditTrail,
    clock: Clock,
    apiBaseUrl: string,
  ) {
    this.#database = database
    this.#store = store
    this.#secrets = secrets
    this.#audit = audit
    this.#clock = clock
    this.#apiBaseUrl = apiBaseUrl
  }

  /**
   * Makes the agent, the client and the pass.
   * @param body `{"sentinelPass": {...}}` as it was sent
   * @param remember told of what was made, in the transaction that makes it
   * @throws Problem `validation_failed`, `scope_not_grantable` or `pass_id_taken`
   */
  async create(
    acting: Acting,
    body: unknown,
    remember: (em: EntityManager, issued: IssuedPass) => Promise<void> = async () => {},
  ): Promise<IssuedPass> {
    const now = this.#clock.date()
    const context = {
      validFrom: now,
      validUntil: undefined,
      accessLevel: 'standard',
      tokenTtl: null,
    } as const
    const input = parseNewPass(body, context)
    // A pass with keys proves itself by them: a secret would be one more thing to lose. Rotating gives it one.
    const secret = input.jwks ? undefined : await this.#secrets.generate()
    return this.#withFreePassId(input.passId, now, passId =>
      this.#database.em().transactional(async em => {
        await acting.actor.hold?.(em)
        const pass = createPass(em, acting.projectId, { ...input, passId }, now)
        await assertMayChange(em, acting, pass, this.#store)
        const made = secret && {
          id: newId(),
          pass,
          digest: secret.digest,
          hash: secret.hash,
          createdAt: now,
          expiresAt: null,
        }
        const secrets = made ? [em.create(PassSecretEntity, made)] : []
        this.#note(em, acting.actor, pass, 'pass.create')
        const issued = {
          view: await this.#store.viewOfNew(em, pass, secrets),
          credentials: this.#credentials(pass, secret?.secret ?? null),
        }
        await remember(em, issued)
        return issued
      }),
    )
  }

  async list(projectId: string, query: PassQuery): Promise<Page<PassView>> {
    return this.#store.list(projectId, query)
  }

  /** @param id UUID or `passId` @throws Problem `not_found` */
  async get(projectId: string, id: string): Promise<PassView> {
    const view = await this.#store.view(projectId, id)
    if (!view) throw notFound()
    return view
  }

  /**
   * Changes the fields that are sent. Scopes count from the next grant; a shorter validity counts at once.
   * @param ifMatch the header; empty when there is none
   * @throws Problem `not_found`, `precondition_failed`, `validation_failed`, `scope_not_grantable` or `pass_id_taken`
   */
  async update(acting: Acting, id: string, body: unknown, ifMatch = ''): Promise<PassView> {
    try {
      const pass = await this.#change(acting, id, 'pass.update', async (_em, target) => {
        if (!ifMatchHolds(ifMatch, passETag({ pass: target })))
          throw new Problem(
            'precondition_failed',
            'The pass has been changed since you read it. Read it again, and send If-Match with its ETag.',
          )
        const { organization, ...fields } = parsePassUpdate(body, target)
        assertRoleMaySet(acting, target, fields)
        const hadEnded = target.validUntil && target.validUntil.getTime() <= this.#clock.now()
        applySent(target, fields)
        if (organization !== undefined) target.organizationName = organization
        // For good: extending the pass later brings no token back that ended with it, wherever it is kept.
        if (hadEnded && fields.validUntil !== undefined) target.epoch += 1
      })
      return await this.get(acting.projectId, pass.id)
    } catch (error) {
      throw isPassIdTaken(error) ? passIdTaken() : error
    }
  }

  /**
   * Gives the pass a new secret. The old ones stop at once, or after the grace period, in which the current one
   * lives on; one that was in its grace period already stops, so that there are never more than two.
   */
  async rotate(acting: Acting, id: string, gracePeriodSeconds: number): Promise<IssuedPass> {
    const secret = await this.#secrets.generate()
    const now = this.#clock.date()
    const pass = await this.#change(acting, id, 'pass.rotate', async (em, target) => {
      for (const old of await this.#store.secrets(em, target.id)) {
        if (gracePeriodSeconds > 0 && old.expiresAt === null)
          old.expiresAt = new Date(now.getTime() + gracePeriodSeconds * 1000)
        else em.remove(old)
      }
      em.create(PassSecretEntity, {
        id: newId(),
        pass: target,
        digest: secret.digest,
        hash: secret.hash,
        createdAt: now,
        expiresAt: null,
      })
      target.lastRotatedAt = now
    })
    return this.#issued(pass, secret.secret)
  }

  /** No new tokens from now on; with `revokeTokens` every live one ends too. */
  async revoke(acting: Acting, id: string, revokeTokens: boolean): Promise<PassView> {
    const pass = await this.#change(acting, id, 'pass.revoke', (_em, target) => {
      target.active = false
      if (revokeTokens) target.epoch += 1
    })
    return this.get(acting.projectId, pass.id)
  }

  async activate(acting: Acting, id: string): Promise<PassView> {
    const pass = await this.#change(acting, id, 'pass.activate', (_em, target) => {
      target.active = true
    })
    return this.get(acting.projectId, pass.id)
  }

  /** Removes the pass, its agent and its secrets; its activity stays readable by the tombstone. */
  async delete(acting: Acting, id: string): Promise<void> {
    await this.#change(acting, id, 'pass.delete', async (em, pass) => {
      em.create(TombstoneEntity, {
        agentUserId: pass.agent.id,
        projectId: pass.project.id,
        sentinelPassId: pass.id,
        passId: pass.passId,
        title: pass.title,
        clientId: pass.clientId,
        deletedAt: this.#clock.date(),
      })
      await this.#store.deleteUsage(em, pass.agent.id)
      em.remove(pass)
      em.remove(pass.agent)
    })
  }

  /** One change of a pass that exists: found and held, allowed, applied, its version raised, noted. */
  async #change(
    acting: Acting,
    id: string,
    action: string,
    apply: (em: EntityManager, pass: Pass) => void | Promise<void>,
  ): Promise<Pass> {
    return this.#database.em().transactional(async em => {
      await acting.actor.hold?.(em)
      const pass = await this.#store.findLocked(em, acting.projectId, id)
      if (!pass) throw notFound()
      await assertMayChange(em, acting, pass, this.#store)
      const before = auditedFields(pass)
      await apply(em, pass)
      await assertMayChange(em, acting, pass, this.#store)
      pass.version += 1
      pass.updatedAt = this.#clock.date()
      this.#note(em, acting.actor, pass, action, before)
      return pass
    })
  }

  async #withFreePassId(
    given: string | undefined,
    now: Date,
    make: (passId: string) => Promise<IssuedPass>,
  ): Promise<IssuedPass> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await make(given ?? generatePassId(now))
      } catch (error) {
        if (!isPassIdTaken(error)) throw error
        if (given !== undefined || tries === PASS_ID_TRIES) throw passIdTaken()
      }
    }
  }

  async #issued(pass: Pass, clientSecret: string | null): Promise<IssuedPass> {
    return {
      view: await this.get(pass.project.id, pass.id),
      credentials: this.#credentials(pass, clientSecret),
    }
  }

  #credentials(pass: Pass, clientSecret: string | null): Credentials {
    return {
      clientId: pass.clientId,
      clientSecret,
      agentUserId: pass.agent.id,
      apiBaseUrl: this.#apiBaseUrl,
    }
  }

  #note(em: EntityManager, actor: Actor, pass: Pass, action: string, before?: AuditedFields): void {
    this.#audit.note(em, pass.project.id, actor, {
      action,
      targetType: 'pass',
      targetId: pass.id,
      targetName: pass.title,
      ...(before ? changesBetween(before, auditedFields(pass)) : {}),
    })
  }
}

/** Sets the fields that were sent and leaves the others. */
function applySent(pass: Pass, fields: Omit<PassUpdate, 'organization'>): void {
  const sent = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  Object.assign(pass, sent)
}

function isPassIdTaken(error: unknown): boolean {
  return error instanceof UniqueConstraintViolationException && error.message.includes(PASS_ID_CONSTRAINT)
}

function passIdTaken(): Problem {
  return new Problem(
    'pass_id_taken',
    'Another pass of the project has this passId. Choose another, or leave it out.',
    [{ pointer: '/sentinelPass/passId', detail: 'is taken in this project' }],
  )
}
