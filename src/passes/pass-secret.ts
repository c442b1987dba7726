import { LRUCache } from 'lru-cache'
import { generateChecksummedSecret, isChecksummedSecret } from '../platform/checksummed-secret.ts'
import { SecretKeys } from '../platform/secret-keys.ts'
import type { SlowHash } from '../platform/slow-hash.ts'

const SECRET_PREFIX = 'sps_'
const VERIFIED_KEPT = 50_000

/** A stored secret, as the verification needs it. */
export interface StoredSecret {
  readonly id: string
  readonly digest: Buffer
  readonly hash: string
  /** null: no end is set. */
  readonly expiresAt: Date | null
}

/** Stores the digest of a secret under the newest of the server's secret keys. */
export type RenewDigest = (secretId: string, digest: Buffer) => Promise<void>

/** Makes and checks the secrets of passes. */
export class PassSecrets {
  readonly #keys: SecretKeys
  readonly #slowHash: SlowHash
  readonly #renewDigest: RenewDigest
  readonly #dummy: StoredSecret
  // Secrets whose hash this process has verified: argon2id once for each, not once for each grant.
  readonly #verified = new LRUCache<string, true>({ max: VERIFIED_KEPT })

  constructor(keys: SecretKeys, slowHash: SlowHash, renewDigest: RenewDigest) {
    this.#keys = keys
    this.#slowHash = slowHash
    this.#renewDigest = renewDigest
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
    return { secret, digest: this.#keys.digest(secret), hash: await this.#slowHash.hash(secret) }
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
    if (!(await this.#slowHash.verify(match.hash, presented))) return undefined
    this.#verified.set(match.hash, true)
    const [newest] = digests
    if (newest && !newest.equals(match.digest)) await this.#renewDigest(match.id, newest)
    return match
  }
}
