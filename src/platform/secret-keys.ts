import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

const GCM_IV_BYTES = 12
const GCM_TAG_BYTES = 16

/**
 * What `SECRET_KEY` is used for: keyed digests of secrets, and signing keys encrypted at rest.
 *
 * With several keys, the first one writes and each of them reads, so that a key can be changed without
 * invalidating what the older one wrote.
 */
export class SecretKeys {
  readonly #digestKeys: readonly KeyObject[]
  readonly #encryptionKeys: readonly Buffer[]

  /** @param keys 32-byte keys, newest first */
  constructor(keys: readonly Buffer[]) {
    // HMAC takes the key as it is (product rule); encryption gets one of its own, derived from it (RFC 5869).
    // As key objects: with plain bytes each digest takes five times as long.
    this.#digestKeys = keys.map(key => createSecretKey(key))
    this.#encryptionKeys = keys.map(key =>
      Buffer.from(hkdfSync('sha256', key, '', 'sentinel-pass signing keys', 32)),
    )
  }

  /** The digest to store: `HMAC-SHA256(SECRET_KEY, secret)`. */
  digest(secret: string): Buffer {
    return this.digests(secret)[0] as Buffer
  }

  /** The digests to look for: one for each key, newest first. */
  digests(secret: string): Buffer[] {
    return this.#digestKeys.map(key => createHmac('sha256', key).update(secret).digest())
  }

  /** Whether one of `digests` is `stored`, in a time that does not tell how much of it matched. */
  static matches(digests: readonly Buffer[], stored: Buffer): boolean {
    let found = false
    for (const digest of digests) if (timingSafeEqual(digest, stored)) found = true
    return found
  }

  /** AES-256-GCM under the newest key: IV, tag, ciphertext. */
  encrypt(plain: Buffer): Buffer {
    const iv = randomBytes(GCM_IV_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#encryptionKeys[0] as Buffer, iv)
    const body = Buffer.concat([cipher.update(plain), cipher.final()])
    return Buffer.concat([iv, cipher.getAuthTag(), body])
  }

  /** @throws Error when none of the keys opens it */
  decrypt(sealed: Uint8Array): Buffer {
    const iv = sealed.subarray(0, GCM_IV_BYTES)
    const tag = sealed.subarray(GCM_IV_BYTES, GCM_IV_BYTES + GCM_TAG_BYTES)
    const body = sealed.subarray(GCM_IV_BYTES + GCM_TAG_BYTES)
    for (const key of this.#encryptionKeys) {
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, iv).setAuthTag(tag)
        return Buffer.concat([decipher.update(body), decipher.final()])
      } catch {
        // Not sealed under this key: the next one, newest first, may open it.
      }
    }
    throw new Error('None of the keys in SECRET_KEY opens this value')
  }
}
