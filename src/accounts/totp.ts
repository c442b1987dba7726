import { Secret, TOTP } from 'otpauth'

const PERIOD_SECONDS = 30
/** Codes of the period before and after count too: clocks differ. */
const WINDOW = 1
const SECRET_BYTES = 20

/** A secret for one-time codes, as an authenticator app takes it. */
export interface TotpSecret {
  /** In base32. */
  readonly secret: string
  /** What a QR code shows: `otpauth://totp/…` */
  readonly uri: string
}

/** A new secret for one-time codes. */
export function newTotpSecret(): Buffer {
  return Buffer.from(new Secret({ size: SECRET_BYTES }).bytes)
}

/** What an authenticator app takes: the secret in base32, and the URI that a QR code shows. */
export function presentTotpSecret(secret: Buffer, email: string): TotpSecret {
  const totp = totpOf(secret, email)
  return { secret: totp.secret.base32, uri: totp.toString() }
}

/**
 * The time step that a code is of (RFC 6238 section 4.2), compared in constant time.
 * @param now milliseconds since the epoch
 * @param lastStep the step of the last code that was taken: it and those before it are spent (section 5.2)
 * @returns undefined when it is none that counts
 */
export function totpStep(
  secret: Buffer,
  code: string,
  now: number,
  lastStep: number | null,
): number | undefined {
  const digits = code.replace(/\s/g, '')
  if (!/^\d{6}$/.test(digits)) return undefined
  const delta = totpOf(secret, '').validate({ token: digits, timestamp: now, window: WINDOW })
  if (delta === null) return undefined
  const step = Math.floor(now / 1000 / PERIOD_SECONDS) + delta
  return lastStep === null || step > lastStep ? step : undefined
}

function totpOf(secret: Buffer, label: string): TOTP {
  return new TOTP({
    issuer: 'Sentinel Pass',
    label,
    algorithm: 'SHA1',
    digits: 6,
    period: PERIOD_SECONDS,
    secret: new Secret({ buffer: new Uint8Array(secret).buffer }),
  })
}
