import argon2 from 'argon2'
import { LRUCache } from 'lru-cache'
import { generateChecksummedSecret, isChecksummedSecret } from '../platform/checksummed-secret.ts'
import { SecretKeys } from '../platform/secret-keys.ts'

const SECRET_PREFIX = 'sps_'
/** argon2id with OWASP's parameters: 19 MiB, two passes, one lane. */
const ARGON2: argon2.HashOptions = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const VERIFIED_KEPT = 50_000

/** A stored secret, as the verification needs it. */
export interface StoredSecret {
  readonly id: string
  readonly digest: Buffer
  readonly hash: string
  /** null: no end is set. */
  readonly expiresAt: Date | null
}

/** Makes and checks the secrets of passes. */
export class PassSecrets {
  readonly #keys: SecretKeys
  readonly #dummy: StoredSecret
  // Secrets whose hash this process has verified: argon2id once for each, not once for each grant.
  readonly #verified = new LRUCache<string, true>({ max: VERIFIED_KEPT })

  constructor(keys: SecretKeys) {
    this.#keys = keys
    this.#dummy = {
      id: '',
      digest: keys.digest(generateChecksummedSecret(SECRET_PREFIX)),
      hash: '',
      expiresAt: null,
    }
  }

  /** A new secret with what is to be stored of it. */
  async generate(): Promise<{ secret: string; digest: Buffer; hash: string }> {
    const secret = generateChecksummedSecret(SECRET_PREFIX)
    return { secret, digest: this.#keys.digest(secret), hash: await argon2.hash(secret, ARGON2) }
  }

  /**
   * Which of a pass's live secrets is presented.
   *
   * A value without a good checksum is refused without hashing. Then the keyed digest is compared with two stored
   * ones, dummies in the place of those that are missing, so that the time tells nothing of the pass; only a
   * match costs argon2id, the first time in this process.
   *
   * @param stored the pass's secrets; empty for a client that does not exist
   * @param now milliseconds since the epoch
   */
  async verify(
    presented: string,
    stored: readonly StoredSecret[],
    now: number,
  ): Promise<StoredSecret | undefined> {
    if (!isChecksummedSecret(SECRET_PREFIX, presented)) return undefined
    const digests = this.#keys.digests(presented)
    let match: StoredSecret | undefined
    for (const candidate of [stored[0] ?? this.#dummy, stored[1] ?? this.#dummy]) {
      if (SecretKeys.matches(digests, candidate.digest)) match = candidate
    }
    if (!match || match === this.#dummy) return undefined
    if (match.expiresAt && match.expiresAt.getTime() <= now) return undefined
    if (this.#verified.has(match.hash)) return match
    if (!(await argon2.verify(match.hash, presented))) return undefined
    this.#verified.set(match.hash, true)
    return match
  }
}
