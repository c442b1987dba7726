import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { randomPooled } from '../platform/random.ts'

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
const THUMBPRINT_BYTES = 32
/** Two ids, the epoch, the instant within the hour, the lifetime, what follows, and the length of the scopes. */
const FIXED_BYTES = 2 * UUID_BYTES + 4 + 4 + 4 + 1 + 2
const HAS_AUDIENCE = 1
const HAS_CERTIFICATE = 2
/** A token of an earlier hour than this is nobody's: it ended long ago, and its key is not derived any more. */
const HOURS_KNOWN = 25
const PREFIX_BYTES = Buffer.from(SEALED_PREFIX)

/** What a sealed token says, all of it: no row is needed to read it. */
export interface SealedClaims {
  /** The token's own id, a UUIDv7, which is the id of its grant's row. */
  readonly id: string
  /** UUID of the pass. */
  readonly passId: string
  /** The pass's epoch at the grant: a pass with a higher one has ended its tokens. */
  readonly epoch: number
  /** Milliseconds since the epoch. */
  readonly issuedAt: number
  readonly lifetimeSeconds: number
  readonly scopes: readonly string[]
  readonly audience: string | undefined
  /** The SHA-256 thumbprint of the certificate that it is bound to, in base64url (RFC 8705 section 3.1). */
  readonly certificate: string | undefined
}

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

  /** @param secretKeys 32-byte keys, newest first: the first seals, each of them opens */
  constructor(secretKeys: readonly Buffer[]) {
    if (secretKeys.length === 0) throw new RangeError('At least one secret key is needed')
    this.#secretKeys = secretKeys
  }

  /**
   * @param nonce 12 bytes that this key has never been used with: random ones, unless a test needs others
   * @throws RangeError where a scope list or an audience has more than 65,535 bytes
   */
  seal(claims: SealedClaims, nonce: Uint8Array = randomPooled(NONCE_BYTES)): string {
    const hour = Math.floor(claims.issuedAt / HOUR_MS)
    const [key] = this.#keysOf(hour)
    if (!key) throw new Error('No key to seal with')
    const head = headOf(hour)
    const ownNonce = Uint8Array.from(nonce)
    const cipher = createCipheriv(CIPHER, key, ownNonce, WHOLE_TAG).setAAD(head)
    const sealed = cipher.update(encode(claims, hour))
    cipher.final()
    const parts = [head.subarray(PREFIX_BYTES.length), ownNonce, sealed, cipher.getAuthTag()]
    return SEALED_PREFIX + Buffer.concat(parts).toString('base64url')
  }

  /**
   * @param now milliseconds since the epoch
   * @returns undefined for whatever this server has not sealed, or so long ago that no token of then can be live
   */
  open(value: string, now: number): SealedClaims | undefined {
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
    const head = headOf(hour)
    for (const key of this.#keysOf(hour)) {
      const plain = opened(bytes, key, head)
      if (plain) return decode(plain, hour)
    }
    return undefined
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

/** What is authenticated without being hidden: prefix, format and hour. */
function headOf(hour: number): Buffer {
  return Buffer.concat([PREFIX_BYTES, Buffer.of(FORMAT), uint32(hour)])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(value)
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

function encode(claims: SealedClaims, hour: number): Buffer {
  const scopes = claims.scopes.join(' ')
  const scopeBytes = Buffer.byteLength(scopes)
  const audience = claims.audience ?? ''
  const audienceBytes = Buffer.byteLength(audience)
  const flags = (audience ? HAS_AUDIENCE : 0) | (claims.certificate ? HAS_CERTIFICATE : 0)
  const bytes = Buffer.allocUnsafe(
    FIXED_BYTES +
      scopeBytes +
      (audience ? 2 + audienceBytes : 0) +
      (claims.certificate ? THUMBPRINT_BYTES : 0),
  )
  let at = writeUuid(bytes, claims.id, 0)
  at = writeUuid(bytes, claims.passId, at)
  at = bytes.writeUInt32BE(claims.epoch, at)
  at = bytes.writeUInt32BE(claims.issuedAt - hour * HOUR_MS, at)
  at = bytes.writeUInt32BE(claims.lifetimeSeconds, at)
  at = bytes.writeUInt8(flags, at)
  at = bytes.writeUInt16BE(scopeBytes, at)
  at += bytes.write(scopes, at)
  if (audience) {
    at = bytes.writeUInt16BE(audienceBytes, at)
    at += bytes.write(audience, at)
  }
  if (claims.certificate) bytes.write(claims.certificate, at, 'base64url')
  return bytes
}

// Whoever made it held the key: its form is not doubted.
function decode(bytes: Buffer, hour: number): SealedClaims {
  const flags = bytes.readUInt8(44)
  const scopeBytes = bytes.readUInt16BE(45)
  let at = FIXED_BYTES + scopeBytes
  const scopes = bytes.toString('utf8', FIXED_BYTES, at)
  let audience: string | undefined
  if (flags & HAS_AUDIENCE) {
    const start = at + 2
    at = start + bytes.readUInt16BE(at)
    audience = bytes.toString('utf8', start, at)
  }
  return {
    id: readUuid(bytes, 0),
    passId: readUuid(bytes, UUID_BYTES),
    epoch: bytes.readUInt32BE(32),
    issuedAt: hour * HOUR_MS + bytes.readUInt32BE(36),
    lifetimeSeconds: bytes.readUInt32BE(40),
    scopes: scopes === '' ? [] : scopes.split(' '),
    audience,
    certificate: flags & HAS_CERTIFICATE ? bytes.toString('base64url', at, at + THUMBPRINT_BYTES) : undefined,
  }
}

function writeUuid(bytes: Buffer, uuid: string, at: number): number {
  return at + bytes.write(uuid.replaceAll('-', ''), at, 'hex')
}

function readUuid(bytes: Buffer, at: number): string {
  const hex = bytes.toString('hex', at, at + UUID_BYTES)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
