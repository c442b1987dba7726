import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { randomPooled } from '../platform/random.ts'
import type { TokenClaims } from './token-claims.ts'

/** What every sealed access token begins with, for scanners of leaked secrets, and for whoever tells tokens apart. */
export const SEALED_PREFIX = 'spt_'

const CIPHER = 'aes-256-gcm'
const FORMAT = 1
const HOUR_MS = 3_600_000
const NONCE_BYTES = 12
const TAG_BYTES = 16
// Without it a tag that was cut short would be enough.
const WHOLE_TAG = { authTagLength: TAG_BYTES }
const HEAD_BYTES = 5
const BODY_START = HEAD_BYTES + NONCE_BYTES
const UUID_BYTES = 16
const CLIENT_ID_PREFIX = 'sp_'
const CLIENT_ID_BYTES = 22
const THUMBPRINT_BYTES = 32
const CLIENT_ID_AT = UUID_BYTES
const EPOCH_AT = CLIENT_ID_AT + CLIENT_ID_BYTES
const ISSUED_AT = EPOCH_AT + 4
const LIFETIME_AT = ISSUED_AT + 4
const FLAGS_AT = LIFETIME_AT + 4
const SCOPES_AT = FLAGS_AT + 1
/** What every token has: up to the length of the scopes, which with all that follows differ. */
const FIXED_BYTES = SCOPES_AT + 2
const HAS_AUDIENCE = 1
const HAS_CERTIFICATE = 2
/** A token of an earlier hour than this is nobody's: it ended long ago, and its key is not derived any more. */
const HOURS_KNOWN = 25
const PREFIX_BYTES = Buffer.from(SEALED_PREFIX)

/**
 * Opaque access tokens that carry what they say, so that no node keeps any of them and a copy of the database holds none.
 *
 * `spt_` and, in base64url: the format (1 byte), the hour of the grant (4 bytes, since the Unix epoch), a random nonce,
 * and the claims under AES-256-GCM, whose additional data is all that stands in front of the nonce. The key is the hour's:
 * HKDF-SHA-256 of `SECRET_KEY` and the hour, so that no key ever seals as many as random nonces allow (2^32, NIST SP
 * 800-38D section 8.3).
 */
export class SealedTokens {
  readonly #secretKeys: readonly Buffer[]
  /** Keys by hour, newest `SECRET_KEY` first. */
  readonly #hours = new Map<number, readonly KeyObject[]>()
  /** Of one hour are nearly all. */
  #lastHead: { readonly hour: number; readonly head: Buffer } | undefined

  /** @param secretKeys 32-byte keys, newest first: the first seals, each of them opens */
  constructor(secretKeys: readonly Buffer[]) {
    if (secretKeys.length === 0) throw new RangeError('At least one secret key is needed')
    this.#secretKeys = secretKeys
  }

  /**
   * @param nonce 12 bytes that this key has never been used with: random ones, unless a test needs others
   * @throws RangeError where a scope list or an audience has more than 65,535 bytes
   */
  seal(claims: TokenClaims, nonce: Uint8Array = randomPooled(NONCE_BYTES)): string {
    const hour = Math.floor(claims.issuedAt / HOUR_MS)
    const [key] = this.#keysOf(hour)
    if (!key) throw new Error('No key to seal with')
    const plain = encode(claims, hour)
    const token = Buffer.allocUnsafe(BODY_START + plain.length + TAG_BYTES)
    token[0] = FORMAT
    token.writeUInt32BE(hour, 1)
    token.set(nonce, HEAD_BYTES)
    const cipher = createCipheriv(CIPHER, key, token.subarray(HEAD_BYTES, BODY_START), WHOLE_TAG)
    token.set(cipher.setAAD(this.#headOf(hour)).update(plain), BODY_START)
    cipher.final()
    token.set(cipher.getAuthTag(), BODY_START + plain.length)
    return SEALED_PREFIX + token.toString('base64url')
  }

  /**
   * @param now milliseconds since the epoch
   * @returns undefined for whatever this server has not sealed, or so long ago that no token of then can be live
   */
  open(value: string, now: number): TokenClaims | undefined {
    if (!value.startsWith(SEALED_PREFIX)) return undefined
    const text = value.slice(SEALED_PREFIX.length)
    const bytes = Buffer.from(text, 'base64url')
    if (bytes.length < BODY_START + FIXED_BYTES + TAG_BYTES || bytes[0] !== FORMAT) return undefined
    // One token is one text: spare bits and foreign characters, which decoding passes over, make another.
    if (bytes.toString('base64url') !== text) return undefined
    const hour = bytes.readUInt32BE(1)
    const thisHour = Math.floor(now / HOUR_MS)
    // Another node's clock may be ahead by a little, never by more than the hour that comes.
    if (hour > thisHour + 1 || hour < thisHour - HOURS_KNOWN) return undefined
    const head = this.#headOf(hour)
    for (const key of this.#keysOf(hour)) {
      const plain = opened(bytes, key, head)
      if (plain) return decode(plain, hour)
    }
    return undefined
  }

  /** What is authenticated without being hidden: prefix, format and hour. */
  #headOf(hour: number): Buffer {
    if (this.#lastHead?.hour !== hour)
      this.#lastHead = { hour, head: Buffer.concat([PREFIX_BYTES, Buffer.of(FORMAT), uint32(hour)]) }
    return this.#lastHead.head
  }

  #keysOf(hour: number): readonly KeyObject[] {
    const known = this.#hours.get(hour)
    if (known) return known
    const info = Buffer.concat([Buffer.from('sentinel-pass access tokens '), uint32(hour)])
    const keys = this.#secretKeys.map(secret =>
      createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', info, 32))),
    )
    // The oldest hour that was asked for goes: with those that are opened there are never more than a day and two hours.
    if (this.#hours.size > HOURS_KNOWN + 2) this.#hours.delete(Math.min(...this.#hours.keys()))
    this.#hours.set(hour, keys)
    return keys
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function uint16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function opened(bytes: Buffer, key: KeyObject, head: Buffer): Buffer | undefined {
  const nonce = bytes.subarray(HEAD_BYTES, BODY_START)
  const tag = bytes.subarray(bytes.length - TAG_BYTES)
  try {
    const decipher = createDecipheriv(CIPHER, key, nonce, WHOLE_TAG).setAAD(head).setAuthTag(tag)
    const plain = decipher.update(bytes.subarray(BODY_START, bytes.length - TAG_BYTES))
    decipher.final()
    return plain
  } catch {
    return undefined
  }
}

function encode(claims: TokenClaims, hour: number): Buffer {
  const { audience: audienceText = '', certificate: thumbprint = '' } = claims
  const scopesText = claims.scopes.join(' ')
  const scopesLength = Buffer.byteLength(scopesText)
  const audience = Buffer.from(audienceText)
  const certificate = Buffer.from(thumbprint, 'base64url')
  const fixed = Buffer.allocUnsafe(FIXED_BYTES + scopesLength)
  fixed.write(claims.id.replaceAll('-', ''), 0, 'hex')
  fixed.write(claims.clientId.slice(CLIENT_ID_PREFIX.length), CLIENT_ID_AT, 'latin1')
  fixed.writeUInt32BE(claims.epoch, EPOCH_AT)
  fixed.writeUInt32BE(claims.issuedAt - hour * HOUR_MS, ISSUED_AT)
  fixed.writeUInt32BE(claims.lifetimeSeconds, LIFETIME_AT)
  const flags = (audience.length > 0 ? HAS_AUDIENCE : 0) | (certificate.length > 0 ? HAS_CERTIFICATE : 0)
  fixed.writeUInt8(flags, FLAGS_AT)
  fixed.writeUInt16BE(scopesLength, SCOPES_AT)
  fixed.write(scopesText, FIXED_BYTES)
  if (flags === 0) return fixed
  return Buffer.concat([
    fixed,
    ...(audience.length > 0 ? [uint16(audience.length), audience] : []),
    certificate,
  ])
}

// Whoever made it held the key: its form is not doubted.
function decode(bytes: Buffer, hour: number): TokenClaims {
  const flags = bytes.readUInt8(FLAGS_AT)
  let at = FIXED_BYTES + bytes.readUInt16BE(SCOPES_AT)
  const scopes = bytes.toString('utf8', FIXED_BYTES, at)
  let audience: string | undefined
  if (flags & HAS_AUDIENCE) {
    const start = at + 2
    at = start + bytes.readUInt16BE(at)
    audience = bytes.toString('utf8', start, at)
  }
  return {
    id: uuidOf(bytes),
    clientId: CLIENT_ID_PREFIX + bytes.toString('latin1', CLIENT_ID_AT, EPOCH_AT),
    epoch: bytes.readUInt32BE(EPOCH_AT),
    issuedAt: hour * HOUR_MS + bytes.readUInt32BE(ISSUED_AT),
    lifetimeSeconds: bytes.readUInt32BE(LIFETIME_AT),
    scopes: scopes === '' ? [] : scopes.split(' '),
    audience,
    certificate: flags & HAS_CERTIFICATE ? bytes.toString('base64url', at, at + THUMBPRINT_BYTES) : undefined,
    keyId: undefined,
  }
}

function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString('hex', 0, UUID_BYTES)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
