import { notFound, Problem } from '../http/problems.ts'
import type { Clock } from '../platform/clock.ts'
import type { EntityManager } from '../platform/database.ts'
import { newId } from '../platform/uuid.ts'
import { assertOutlastsNot } from './creator.ts'
import type { Pass } from './pass.entity.ts'
import type { Rotation } from './pass.schema.ts'
import type { IssuedPass, PassService, RememberIssued } from './pass.service.ts'
import type { PassStore, PassView } from './pass.store.ts'
import type { Acting, PassChanges } from './pass-change.ts'
import { isLive, type PassSecret, PassSecretEntity } from './pass-secret.entity.ts'
import type { PassSecrets } from './pass-secret.ts'

/** The secrets of a pass: given, listed and ended. Each act is one transaction, with its audit event. */
export class PassSecretService {
  readonly #passes: Pick<PassService, 'get' | 'credentialsOf'>
  readonly #store: PassStore
  readonly #secrets: PassSecrets
  readonly #changes: PassChanges
  readonly #clock: Clock

  constructor(
    passes: Pick<PassService, 'get' | 'credentialsOf'>,
    store: PassStore,
    secrets: PassSecrets,
    changes: PassChanges,
    clock: Clock,
  ) {
    this.#passes = passes
    this.#store = store
    this.#secrets = secrets
    this.#changes = changes
    this.#clock = clock
  }

  /** The pass whose secrets are asked for. @throws Problem `not_found` */
  async of(projectId: string, id: string): Promise<PassView> {
    return this.#passes.get(projectId, id)
  }

  /**
   * Gives the pass a new secret. The old one stops at once, or after the grace period. One that is in its grace period
   * already stops too, so that there are never more than two: that has to be asked for.
   * @throws Problem `grace_period_running`
   */
  async rotate(
    acting: Acting,
    id: string,
    { gracePeriodSeconds, endGrace, revokeTokens }: Rotation,
    ifMatch: string,
    remember: RememberIssued,
  ): Promise<IssuedPass> {
    await this.#changes.ask(acting, id, ifMatch)
    const { secret, digest, hash } = await this.#secrets.generate()
    const now = this.#clock.date()
    const apply = async (em: EntityManager, pass: Pass) => {
      await assertOutlastsNot(em, acting, pass, this.#store)
      const secrets = await this.#store.secrets(em, pass.id)
      const live = secrets.filter(one => isLive(one, now.getTime()))
      if (!endGrace) assertNoGrace(live)
      const before = live.map(shownInTrail)
      const graceEnds = new Date(now.getTime() + gracePeriodSeconds * 1000)
      const kept = gracePeriodSeconds > 0 ? live.filter(one => one.expiresAt === null) : []
      for (const one of secrets)
        if (kept.includes(one)) one.expiresAt = graceEnds
        else em.remove(one)
      const made = em.create(PassSecretEntity, {
        id: newId(),
        pass,
        digest,
        hash,
        createdAt: now,
        expiresAt: null,
      })
      pass.lastRotatedAt = now
      if (revokeTokens) pass.epoch += 1
      const after = { secrets: [made, ...kept].map(shownInTrail), ...(revokeTokens ? { revokeTokens } : {}) }
      return { before: { secrets: before }, after }
    }
    return this.#changes.change(acting, id, { action: 'pass.rotate', ifMatch, apply }, async (em, pass) => {
      const issued = {
        view: await this.#store.viewIn(em, pass),
        credentials: this.#passes.credentialsOf(pass, secret),
      }
      await remember(em, issued)
      return issued
    })
  }

  /**
   * Ends one secret: no node takes it from the answer on.
   * @param revokeTokens whether all live tokens of the pass end as well: which of them it fetched is not told apart
   * @throws Problem `not_found`, or `last_secret` where the pass would have nothing to prove itself by
   */
  async end(acting: Acting, id: string, secretId: string, revokeTokens: boolean): Promise<void> {
    const now = this.#clock.now()
    const apply = async (em: EntityManager, pass: Pass) => {
      const live = (await this.#store.secrets(em, pass.id)).filter(one => isLive(one, now))
      const secret = live.find(one => one.id === secretId)
      if (!secret) throw notFound()
      if (live.length === 1 && !pass.jwks)
        throw new Problem(
          'last_secret',
          'It is the only secret of the pass, which has no keys (jwks) either: nobody could use it. Rotate, set jwks first, or revoke the pass.',
        )
      em.remove(secret)
      if (revokeTokens) pass.epoch += 1
      return {
        before: { secrets: live.map(shownInTrail) },
        after: {
          secrets: live.filter(one => one !== secret).map(shownInTrail),
          ...(revokeTokens ? { revokeTokens } : {}),
        },
      }
    }
    await this.#changes.change(acting, id, { action: 'pass.end_secret', apply }, async () => {})
  }
}

function assertNoGrace(live: readonly PassSecret[]): void {
  const ends = live.find(secret => secret.expiresAt)?.expiresAt
  if (ends)
    throw new Problem(
      'grace_period_running',
      `The pass was rotated before, and agents may use the old secret until ${ends.toISOString()}. Another rotation would end it now: wait, or send "endGrace": true.`,
    )
}

function shownInTrail({ id, expiresAt }: PassSecret) {
  return { id, expiresAt: expiresAt ?? null }
}
