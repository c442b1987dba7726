import { type CryptoKey, importJWK, type KeyObject } from 'jose'
import type { Clock } from '../platform/clock.ts'
import { maxTokenTtlSeconds, SIGNING_ALGORITHMS, type SigningAlgorithm } from '../platform/config.ts'
import { type Database, type EntityManager, instantOf } from '../platform/database.ts'
import { EX_CONFIG, OperatorError } from '../platform/errors.ts'
import type { SecretKeys } from '../platform/secret-keys.ts'
import { Signer } from './signer.ts'
import { type SigningKey, SigningKeyEntity } from './signing-key.entity.ts'
import { isPublished, type KeyTimes, OVERLAP_MS, signingKey, upcomingKey } from './signing-key-schedule.ts'
import { generateSigningKey, type PrivateJwk, parsePrivateJwk, publicJwk } from './signing-keys.ts'

const KEYS_LOCK = 7_265_015
const DAY_MS = 86_400_000

/** Notes what was done to a key, in the transaction that does it. */
export type NoteKey = (em: EntityManager, key: SigningKey) => Promise<void>

/**
 * The server's signing keys, sealed under `SECRET_KEY`. Nodes keep opened keys, but never which of them is used: that
 * is read each time, so that a key which was pulled on one node signs nothing more on any other.
 */
export class SigningKeyStore {
  readonly #database: Database
  readonly #keys: SecretKeys
  readonly #clock: Clock
  readonly #rotationMs: number
  readonly #opened = new Map<string, Signer>()
  readonly #verifiers = new Map<string, CryptoKey | KeyObject | Uint8Array>()

  /** @param rotationDays after how many days of signing a key is replaced */
  constructor(database: Database, keys: SecretKeys, clock: Clock, rotationDays: number) {
    this.#database = database
    this.#keys = keys
    this.#clock = clock
    this.#rotationMs = rotationDays * DAY_MS
  }

  /**
   * Makes what is missing of the algorithms that there are, so that verifiers have each key before it signs: at the first
   * start they find all of them at once, and later a new one is published for the overlap first.
   */
  async prepare(): Promise<void> {
    await this.#exclusively(async em => {
      const stored = await this.#all(em)
      const now = this.#clock.now()
      // None signs at the first start, nor where a clock that was ahead has made them: they are needed now.
      const none = SIGNING_ALGORITHMS.every(alg => !signingKey(stored, alg, now))
      const activeFrom = none ? now : now + OVERLAP_MS
      for (const alg of SIGNING_ALGORITHMS)
        if (none || (!signingKey(stored, alg, now) && !upcomingKey(stored, alg, now)))
          await this.#make(em, alg, activeFrom)
    })
  }

  /**
   * The key to sign with now. One that has signed for its time is replaced, with overlap. While the first key of an
   * algorithm is one that verifiers may not have yet, that of another algorithm signs in its place.
   * @throws OperatorError (exit code 78) when it cannot be opened with this `SECRET_KEY`
   */
  async signer(alg: SigningAlgorithm): Promise<Signer> {
    const now = this.#clock.now()
    const stored = await this.#times()
    const current = [alg, ...SIGNING_ALGORITHMS].reduce<KeyTimes | undefined>(
      (found, candidate) => found ?? signingKey(stored, candidate, now),
      undefined,
    )
    if (!current) throw new Error('There is no signing key: they are made at the start')
    if (now - current.activeFrom.getTime() >= this.#rotationMs && !upcomingKey(stored, current.alg, now))
      await this.rotate(current.alg)
    return this.#signerOf(current)
  }

  /**
   * The public half of a key, pulled or not: what it signed is known, whatever it is still good for. Undefined when there
   * is no such key, or it has been deleted.
   */
  async verifier(kid: string): Promise<CryptoKey | KeyObject | Uint8Array | undefined> {
    const known = this.#verifiers.get(kid)
    if (known) return known
    const stored = await this.#database.em().findOne(SigningKeyEntity, { kid })
    if (!stored) return undefined
    const key = await importJWK(publicJwk(this.#open(stored)), stored.alg)
    this.#verifiers.set(kid, key)
    return key
  }

  /** Seals under the newest secret key what an older one had sealed, so that the older can go. */
  async reseal(): Promise<void> {
    await this.#database.replaceBytes('signing_keys', 'kid', 'sealed_jwk', sealed => this.#resealed(sealed))
  }

  /** The private keys of the algorithm that are published, the one that signs first. */
  async privateKeys(alg: SigningAlgorithm): Promise<PrivateJwk[]> {
    const { kid } = await this.signer(alg)
    const published = await this.#published()
    const ordered = published.filter(key => key.alg === alg)
    return [...ordered.filter(key => key.kid === kid), ...ordered.filter(key => key.kid !== kid)].map(key =>
      this.#open(key),
    )
  }

  /** The key set for verifiers (RFC 7517 section 5), newest first. */
  async keySet(): Promise<Record<string, unknown>[]> {
    return (await this.#published()).map(key => publicJwk(this.#open(key)))
  }

  /** All keys that there are, newest first: those that have served their time too. */
  async list(): Promise<readonly SigningKey[]> {
    return this.#all(this.#database.em())
  }

  /** Makes the next key, which is published at once and signs after the overlap. One that is under way is enough. */
  async rotate(alg: SigningAlgorithm, note: NoteKey = async () => {}): Promise<SigningKey> {
    return this.#exclusively(async em => {
      const now = this.#clock.now()
      const stored = await this.#all(em)
      const first = !signingKey(stored, alg, now)
      const upcoming = upcomingKey(stored, alg, now)
      if (upcoming) return upcoming
      const made = await this.#make(em, alg, first ? now : now + OVERLAP_MS)
      await note(em, made)
      return made
    })
  }

  /**
   * Withdraws a key at once: it signs nothing more, is no longer published, and every token that it signed has ended
   * here. Verifiers keep it for as long as they cache the key set. Another key signs from this moment on.
   * @returns whether there was such a key that had not been pulled before
   */
  async pull(kid: string, note: NoteKey = async () => {}): Promise<boolean> {
    return this.#exclusively(async em => {
      const now = this.#clock.now()
      const stored = await this.#all(em)
      const target = stored.find(key => key.kid === kid && !key.pulledAt)
      if (!target) return false
      target.pulledAt = new Date(now)
      await note(em, target)
      if (!signingKey(stored, target.alg, now)) {
        const next = upcomingKey(stored, target.alg, now)
        if (next) next.activeFrom = new Date(now)
        else await this.#make(em, target.alg, now)
      }
      return true
    })
  }

  /** Deletes the keys that have had a successor, or been pulled, since before `since`. @returns how many */
  async deleteServed(since: Date): Promise<number> {
    return this.#exclusively(async em => {
      const stored = await this.#all(em)
      const served = stored.filter(
        key =>
          key.activeFrom < since &&
          (key.pulledAt
            ? key.pulledAt < since
            : !isPublished(key, stored, since.getTime(), maxTokenTtlSeconds * 1000)),
      )
      for (const key of served) em.remove(key)
      return served.length
    })
  }

  async #make(em: EntityManager, alg: SigningAlgorithm, activeFrom: number): Promise<SigningKey> {
    const jwk = await generateSigningKey(alg)
    return em.create(SigningKeyEntity, {
      kid: jwk.kid,
      alg,
      sealedJwk: this.#keys.encrypt(Buffer.from(JSON.stringify(jwk))),
      createdAt: this.#clock.date(),
      activeFrom: new Date(activeFrom),
      pulledAt: null,
    })
  }

  async #published(): Promise<SigningKey[]> {
    const stored = await this.#all(this.#database.em())
    const now = this.#clock.now()
    return stored.filter(key => isPublished(key, stored, now, maxTokenTtlSeconds * 1000))
  }

  /** What decides which key signs, and no more: it is read for every token that is signed. */
  async #times(): Promise<KeyTimes[]> {
    const rows = await this.#database.query<{ kid: string; alg: SigningAlgorithm; activeFrom: string }>(
      'select kid, alg, active_from as "activeFrom" from signing_keys where pulled_at is null',
    )
    return rows.map(({ kid, alg, activeFrom }) => ({ kid, alg, activeFrom: instantOf(activeFrom) }))
  }

  #all(em: EntityManager): Promise<SigningKey[]> {
    return em.find(SigningKeyEntity, {}, { orderBy: { activeFrom: 'desc', kid: 'desc' } })
  }

  /** Of several nodes, one at a time: two must not make a key each. */
  #exclusively<Result>(act: (em: EntityManager) => Promise<Result>): Promise<Result> {
    return this.#database.em().transactional(async em => {
      await em.execute(`select pg_advisory_xact_lock(${KEYS_LOCK})`)
      return act(em)
    })
  }

  async #signerOf({ kid, alg }: KeyTimes): Promise<Signer> {
    const known = this.#opened.get(kid)
    if (known) return known
    const stored = await this.#database.em().findOneOrFail(SigningKeyEntity, { kid })
    const signer = new Signer(this.#open(stored), alg)
    this.#opened.set(kid, signer)
    return signer
  }

  #resealed(sealed: Uint8Array): Buffer | undefined {
    try {
      return this.#keys.resealed(sealed)
    } catch {
      throw wrongSecretKey()
    }
  }

  #open({ sealedJwk }: SigningKey): PrivateJwk {
    try {
      return parsePrivateJwk(this.#keys.decrypt(sealedJwk))
    } catch {
      throw wrongSecretKey()
    }
  }
}

function wrongSecretKey(): OperatorError {
  return new OperatorError(
    'SECRET_KEY is not the one that this database was written with: the signing keys in it cannot be opened. ' +
      'Give the right one, or the new and the old one with a comma between.',
    EX_CONFIG,
  )
}
