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
  /** Hashes that are being verified: many who present one secret at once wait for the same argon2id. */
  readonly #verifying = new Map<string, Promise<boolean>>()

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
    const { hash } = match
    let verifying = this.#verifying.get(hash)
    if (!verifying) {
      verifying = this.#verifyFirst(presented, match, digests[0]).finally(() => this.#verifying.delete(hash))
      this.#verifying.set(hash, verifying)
    }
    return (await verifying) ? match : undefined
  }

  async #verifyFirst(
    presented: string,
    { id, digest, hash }: StoredSecret,
    newest: Buffer | undefined,
  ): Promise<boolean> {
    if (!(await this.#slowHash.verify(hash, presented))) return false
    this.#verified.set(hash, true)
    if (newest && !newest.equals(digest)) await this.#renewDigest(id, newest)
    return true
  }
}
