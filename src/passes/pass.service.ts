import type { Page } from '../http/pagination.ts'
import { notFound } from '../http/problems.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database, EntityManager } from '../platform/database.ts'
import { newId } from '../platform/uuid.ts'
import type { ResourceServerService } from '../resource-servers/resource-server.service.ts'
import { assertOutlastsNot, endOfNewPass, endThoseMadeBy, settleEndWithCreator } from './creator.ts'
import { assertMayChange } from './delegation.ts'
import { createPass, generatePassId } from './new-pass.ts'
import type { Pass } from './pass.entity.ts'
import type { NewPass, PassQuery } from './pass.schema.ts'
import type { PassStore, PassView } from './pass.store.ts'
import type { Credentials } from './pass-answer.schema.ts'
import { heldFields } from './pass-audit.ts'
import { admitted, parseNewPass, sentResources } from './pass-body.ts'
import type { Acting, PassChanges } from './pass-change.ts'
import { isPassIdTaken, passIdTaken } from './pass-id-taken.ts'
import { PassSecretEntity } from './pass-secret.entity.ts'
import type { PassSecrets } from './pass-secret.ts'
import { TombstoneEntity } from './tombstone.entity.ts'

const PASS_ID_TRIES = 5

/** A pass and, once, the credentials of its agent. */
export interface IssuedPass {
  readonly view: PassView
  readonly credentials: Credentials
}

/** Told of what was made, in the transaction that makes it. */
export type RememberIssued = (em: EntityManager, issued: IssuedPass) => Promise<void>

/** The life of a pass. Each act is one transaction, with its audit event. */
export class PassService {
  readonly #database: Database
  readonly #store: PassStore
  readonly #secrets: PassSecrets
  readonly #resources: Pick<ResourceServerService, 'hold'>
  readonly #changes: PassChanges
  readonly #clock: Clock
  readonly #apiBaseUrl: string

  constructor(
    database: Database,
    store: PassStore,
    secrets: PassSecrets,
    resources: Pick<ResourceServerService, 'hold'>,
    changes: PassChanges,
    clock: Clock,
    apiBaseUrl: string,
  ) {
    this.#database = database
    this.#store = store
    this.#secrets = secrets
    this.#resources = resources
    this.#changes = changes
    this.#clock = clock
    this.#apiBaseUrl = apiBaseUrl
  }

  /**
   * Makes the agent, the client and the pass.
   * @param body `{"sentinelPass": {...}}` as it was sent
   * @throws Problem `validation_failed`, `scope_not_grantable` or `pass_id_taken`
   */
  async create(
    acting: Acting,
    body: unknown,
    remember: RememberIssued = async () => {},
  ): Promise<IssuedPass> {
    const now = this.#clock.date()
    const admit = await this.#resources.hold(this.#database.em(), acting, sentResources(body))
    const input = parseNewPass(body, now, admit)
    const first = input.passId ?? generatePassId(now)
    // Asked before the work of a hash; what is made here is not written.
    await this.#make(this.#database.em(), acting, input, first, now)
    // A pass with keys proves itself by them: a secret would be one more thing to lose. Rotating gives it one.
    const secret = input.jwks ? undefined : await this.#secrets.generate()
    return this.#withFreePassId(input.passId, first, now, passId =>
      this.#database.em().transactional(async em => {
        await acting.actor.hold?.(em)
        const pass = await this.#make(em, acting, input, passId, now)
        const made = secret && {
          id: newId(),
          pass,
          digest: secret.digest,
          hash: secret.hash,
          createdAt: now,
          expiresAt: null,
        }
        const secrets = made ? [em.create(PassSecretEntity, made)] : []
        this.#changes.note(em, acting.actor, pass, 'pass.create', undefined, { after: heldFields(pass) })
        const issued = {
          view: await this.#store.viewOfNew(em, pass, secrets, acting.principal.name),
          credentials: this.credentialsOf(pass, secret?.secret ?? null),
        }
        await remember(em, issued)
        return issued
      }),
    )
  }

  async #make(
    em: EntityManager,
    acting: Acting,
    { endsWithCreator, ...input }: NewPass,
    passId: string,
    now: Date,
  ): Promise<Pass> {
    const { validUntil = await endOfNewPass(em, acting, input.validFrom ?? now, now, this.#store) } = input
    const wanted = input.resources ?? []
    const admit = await this.#resources.hold(em, acting, wanted)
    const fields = { ...input, passId, validUntil, resources: admitted(wanted, admit) }
    const pass = createPass(em, acting.projectId, acting.principal, fields, now)
    await assertMayChange(em, acting, pass, this.#store)
    await assertOutlastsNot(em, acting, pass, this.#store)
    if (endsWithCreator !== undefined && endsWithCreator !== pass.endsWithCreator)
      settleEndWithCreator(acting, pass, endsWithCreator, null)
    return pass
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

  /** No new tokens from now on; with `revokeTokens` every live one ends too. */
  async revoke(acting: Acting, id: string, revokeTokens: boolean, ifMatch?: string): Promise<PassView> {
    const apply = async (_em: EntityManager, pass: Pass) => {
      pass.active = false
      // Since they were ended, none was granted.
      if (!revokeTokens || pass.tokensEnded) return undefined
      pass.epoch += 1
      pass.tokensEnded = true
      return { after: { revokeTokens } }
    }
    return this.#changes.change(acting, id, { action: 'pass.revoke', ifMatch, apply }, (em, pass) =>
      this.#store.viewIn(em, pass),
    )
  }

  async activate(acting: Acting, id: string, ifMatch?: string): Promise<PassView> {
    const apply = async (_em: EntityManager, pass: Pass) => {
      pass.active = true
      return undefined
    }
    return this.#changes.change(acting, id, { action: 'pass.activate', ifMatch, apply }, (em, pass) =>
      this.#store.viewIn(em, pass),
    )
  }

  /** Removes the pass, its agent and its secrets; its activity stays readable by the tombstone. */
  async delete(acting: Acting, id: string, ifMatch?: string): Promise<void> {
    const apply = async (em: EntityManager, pass: Pass) => {
      const before = heldFields(pass)
      const deletedAt = this.#clock.date()
      await endThoseMadeBy(em, this.#store, this.#changes, acting.actor, pass, deletedAt)
      em.create(TombstoneEntity, {
        agentUserId: pass.agent.id,
        projectId: pass.project.id,
        sentinelPassId: pass.id,
        passId: pass.passId,
        title: pass.title,
        clientId: pass.clientId,
        deletedAt,
      })
      await this.#store.deleteUsage(em, pass.agent.id)
      em.remove(pass)
      em.remove(pass.agent)
      return { before }
    }
    await this.#changes.change(acting, id, { action: 'pass.delete', ifMatch, apply }, async () => {})
  }

  /** @param clientSecret null: it proves itself by its keys */
  credentialsOf(pass: Pass, clientSecret: string | null): Credentials {
    return {
      clientId: pass.clientId,
      clientSecret,
      agentUserId: pass.agent.id,
      apiBaseUrl: this.#apiBaseUrl,
    }
  }

  async #withFreePassId(
    given: string | undefined,
    first: string,
    now: Date,
    make: (passId: string) => Promise<IssuedPass>,
  ): Promise<IssuedPass> {
    let passId = first
    for (let tries = 1; ; tries += 1) {
      try {
        return await make(passId)
      } catch (error) {
        if (!isPassIdTaken(error)) throw error
        if (given !== undefined || tries === PASS_ID_TRIES) throw passIdTaken()
        passId = generatePassId(now)
      }
    }
  }
}
