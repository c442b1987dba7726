import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'

const GCM_IV_BYTES = 12
const GCM_TAG_BYTES = 16
// Without it a tag that was cut short would be enough.
const WHOLE_TAG = { authTagLength: GCM_TAG_BYTES }

/**
 * What `SECRET_KEY` is used for: keyed digests of secrets; signing keys, secrets of one-time codes, and answers that are
 * kept for a while, encrypted at rest.
 *
 * With several keys, the first one writes and each of them reads, so that a key can be changed without
 * invalidating what the older one wrote.
 */
export class SecretKeys {
  readonly #newest: DerivedKeys
  readonly #all: readonly DerivedKeys[]

  /** @param keys 32-byte keys, newest first; at least one */
  constructor(keys: readonly Buffer[]) {
    const all = keys.map(derive)
    const [newest] = all
    if (!newest) throw new RangeError('At least one secret key is needed')
    this.#newest = newest
    this.#all = all
  }

  /** The digest to store: `HMAC-SHA256(SECRET_KEY, secret)`. */
  digest(secret: string): Buffer {
    return hmac(this.#newest.digest, secret)
  }

  /** The digests to look for: one for each key, newest first. */
  digests(secret: string): Buffer[] {
    return this.#all.map(key => hmac(key.digest, secret))
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
    const cipher = createCipheriv('aes-256-gcm', this.#newest.encryption, iv)
    const body = Buffer.concat([cipher.update(plain), cipher.final()])
    return Buffer.concat([iv, cipher.getAuthTag(), body])
  }

  /** @throws Error when none of the keys opens it */
  decrypt(sealed: Uint8Array): Buffer {
    for (const key of this.#all) {
      const plain = opened(sealed, key)
      if (plain) return plain
    }
    throw new Error('None of the keys in SECRET_KEY opens this value')
  }

  /**
   * The same value sealed under the newest key, where an older one had sealed it.
   * @throws Error when none of the keys opens it
   */
  resealed(sealed: Uint8Array): Buffer | undefined {
    return opened(sealed, this.#newest) ? undefined : this.encrypt(this.decrypt(sealed))
  }
}

/** @returns undefined when it was not sealed under this key */
function opened(sealed: Uint8Array, { encryption }: DerivedKeys): Buffer | undefined {
  const iv = sealed.subarray(0, GCM_IV_BYTES)
  const tag = sealed.subarray(GCM_IV_BYTES, GCM_IV_BYTES + GCM_TAG_BYTES)
  const body = sealed.subarray(GCM_IV_BYTES + GCM_TAG_BYTES)
  try {
    const decipher = createDecipheriv('aes-256-gcm', encryption, iv, WHOLE_TAG).setAuthTag(tag)
    return Buffer.concat([decipher.update(body), decipher.final()])
  } catch {
    return undefined
  }
}

interface DerivedKeys {
  readonly digest: HmacKey
  readonly encryption: Buffer
}

// HMAC takes the key as it is (product rule). Encryption gets a key of its own, derived from it (RFC 5869).
function derive(key: Buffer): DerivedKeys {
  const encryption = Buffer.from(hkdfSync('sha256', key, '', 'sentinel-pass signing keys', 32))
  return { digest: hmacKey(key), encryption }
}

/** The key with the inner and with the outer pad of HMAC (RFC 2104). */
interface HmacKey {
  readonly inner: Uint8Array
  readonly outer: Uint8Array
}

const BLOCK_BYTES = 64
const INNER_PAD = 0x36
const OUTER_PAD = 0x5c

/** @param key of a block's length at most */
function hmacKey(key: Buffer): HmacKey {
  if (key.length > BLOCK_BYTES) throw new RangeError(`An HMAC key may have ${BLOCK_BYTES} bytes at most`)
  const block = Buffer.concat([key], BLOCK_BYTES)
  return { inner: block.map(byte => byte ^ INNER_PAD), outer: block.map(byte => byte ^ OUTER_PAD) }
}

// As two hashes in one go: an object for each digest, which the collector has to free apart, costs a busy server several
// times what the hashes do.
function hmac({ inner, outer }: HmacKey, secret: string): Buffer {
  const message = hash('sha256', Buffer.concat([inner, Buffer.from(secret)]), 'buffer')
  return hash('sha256', Buffer.concat([outer, message]), 'buffer')
}
