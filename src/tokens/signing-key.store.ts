import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database.ts'
import type { SecretKeys } from '../platform/secret-keys.ts'
import { SigningKeyEntity } from './signing-key.entity.ts'
import { type GeneratedKey, generateSigningKey, type PrivateJwk, parsePrivateJwk } from './signing-keys.ts'

const FIRST_KEY_LOCK = 7_265_015

/** The server's signing keys, sealed under `SECRET_KEY`. */
export class SigningKeyStore {
  readonly #database: Database
  readonly #keys: SecretKeys
  readonly #clock: Clock

  constructor(database: Database, keys: SecretKeys, clock: Clock) {
    this.#database = database
    this.#keys = keys
    this.#clock = clock
  }

  /**
   * All keys, newest first; makes the first one when there is none. Of several nodes that start at once one makes it.
   * @throws Error when a key cannot be opened with this `SECRET_KEY`
   */
  async loadOrCreate(): Promise<PrivateJwk[]> {
    return this.#database.em().transactional(async em => {
      await em.execute(`select pg_advisory_xact_lock(${FIRST_KEY_LOCK})`)
      const stored = await em.find(SigningKeyEntity, {}, { orderBy: { createdAt: 'desc' } })
      if (stored.length > 0) return stored.map(key => parsePrivateJwk(this.#keys.decrypt(key.sealedJwk)))
      const made: GeneratedKey = await generateSigningKey()
      em.create(SigningKeyEntity, {
        kid: made.kid,
        alg: made.alg,
        sealedJwk: this.#keys.encrypt(Buffer.from(JSON.stringify(made.jwk))),
        createdAt: this.#clock.date(),
      })
      return [made.jwk]
    })
  }
}
