import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database.ts'
import { EX_CONFIG, OperatorError } from '../platform/errors.ts'
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
   * @throws OperatorError (exit code 78) when a key cannot be opened with this `SECRET_KEY`
   */
  async loadOrCreate(): Promise<PrivateJwk[]> {
    return this.#database.em().transactional(async em => {
      await em.execute(`select pg_advisory_xact_lock(${FIRST_KEY_LOCK})`)
      const stored = await em.find(SigningKeyEntity, {}, { orderBy: { createdAt: 'desc' } })
      if (stored.length > 0) return stored.map(key => this.#open(key.sealedJwk))
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

  #open(sealed: Uint8Array): PrivateJwk {
    let json: Buffer
    try {
      json = this.#keys.decrypt(sealed)
    } catch {
      throw new OperatorError(
        'SECRET_KEY is not the one that this database was written with: the signing keys in it cannot be opened. ' +
          'Give the right one, or the new and the old one with a comma between.',
        EX_CONFIG,
      )
    }
    return parsePrivateJwk(json)
  }
}
