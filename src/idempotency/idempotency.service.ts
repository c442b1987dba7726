import { hash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { Problem } from '../http/problems.ts'
import type { Clock } from '../platform/clock.ts'
import type { EntityManager } from '../platform/database.ts'
import type { SecretKeys } from '../platform/secret-keys.ts'
import type { IdempotencyKey } from './idempotency-key.entity.ts'
import type { IdempotencyKeyStore, KeyName } from './idempotency-key.store.ts'

const KEPT_MS = 24 * 3_600_000
/** The answer has a secret in it: kept for a client that tries again at once, not for one that comes back. */
const ANSWER_KEPT_MS = 10 * 60_000

/** A request that acts once, however often it is sent. */
export interface KeyedRequest extends KeyName {
  readonly route: string
  readonly body: unknown
}

const answer = z.object({
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.unknown(),
})

/** An answer as it is sent, and sent again. */
export type Answer = Readonly<z.output<typeof answer>>

/** Keeps the answer of an act, in the act's own transaction. @param madeId what the act has made */
export type Remember = (em: EntityManager, answer: Answer, madeId: string) => Promise<void>

/** Thrown to end a transaction whose key another has taken meanwhile. */
class KeyTaken extends Error {}

/** Lets a request that is repeated with its `Idempotency-Key` act once. */
export class Idempotency {
  readonly #store: IdempotencyKeyStore
  readonly #keys: SecretKeys
  readonly #clock: Clock

  constructor(store: IdempotencyKeyStore, keys: SecretKeys, clock: Clock) {
    this.#store = store
    this.#keys = keys
    this.#clock = clock
  }

  /**
   * Acts, or answers what the same request was answered within the last 10 minutes.
   * @param request undefined: it has no key, and acts
   * @throws Problem `idempotency_key_used` from then on to 24 hours, `idempotency_key_mismatch` for another request
   * with the same key, `idempotency_key_in_use` when the first one is not to be had yet, and what `act` throws
   */
  async once(
    request: KeyedRequest | undefined,
    act: (remember: Remember) => Promise<Answer>,
  ): Promise<Answer> {
    if (!request) return act(async () => {})
    const known = await this.#replay(request)
    if (known) return known
    try {
      return await act((em, made, madeId) => this.#remember(em, request, made, madeId))
    } catch (error) {
      // Also where the act came to grief on what the same request has made meanwhile.
      if (!(error instanceof KeyTaken || error instanceof Problem)) throw error
      const made = await this.#replay(request)
      if (made) return made
      if (error instanceof Problem) throw error
      throw new Problem(
        'idempotency_key_in_use',
        'Another request with this Idempotency-Key is being worked on. Send it again shortly.',
      )
    }
  }

  async #replay(request: KeyedRequest): Promise<Answer | undefined> {
    const now = this.#clock.date()
    const used = await this.#store.find(request, now)
    if (!used) return undefined
    if (!timingSafeEqual(used.fingerprint, fingerprint(request)))
      throw new Problem(
        'idempotency_key_mismatch',
        'This Idempotency-Key was used for another request. Choose a new one for each.',
      )
    const kept = used.sealedUntil > now ? this.#open(used) : undefined
    if (kept) return kept
    throw new Problem(
      'idempotency_key_used',
      `This request was carried out and made ${used.madeId}. Its answer is no longer kept.`,
      undefined,
      { made: used.madeId },
    )
  }

  async #remember(em: EntityManager, request: KeyedRequest, made: Answer, madeId: string): Promise<void> {
    const { projectId, principal, key } = request
    const now = this.#clock.date()
    const taken = {
      projectId,
      principal,
      key,
      fingerprint: fingerprint(request),
      madeId,
      sealedAnswer: this.#keys.encrypt(Buffer.from(JSON.stringify(made))),
      sealedUntil: new Date(now.getTime() + ANSWER_KEPT_MS),
      expiresAt: new Date(now.getTime() + KEPT_MS),
    }
    if (!(await this.#store.take(em, taken, now))) throw new KeyTaken()
  }

  #open({ sealedAnswer }: IdempotencyKey): Answer | undefined {
    if (!sealedAnswer) return undefined
    let opened: Buffer
    try {
      opened = this.#keys.decrypt(sealedAnswer)
    } catch {
      // SECRET_KEY was changed, and the older one left out.
      return undefined
    }
    return answer.parse(JSON.parse(opened.toString('utf8')))
  }
}

function fingerprint({ route, body }: KeyedRequest): Buffer {
  return hash('sha256', JSON.stringify([route, body]), 'buffer')
}
