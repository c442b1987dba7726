import type { SigningAlgorithm } from '../platform/config.ts'

/** How long verifiers may keep the published keys, in seconds: the `max-age` of the key set. */
export const JWKS_MAX_AGE_SECONDS = 300
/** A new key is published for this long before it signs, so that every verifier has it by then. */
export const OVERLAP_MS = 2 * JWKS_MAX_AGE_SECONDS * 1000

/** The times of a signing key that decide what it is used for. */
export interface KeyTimes {
  readonly kid: string
  readonly alg: SigningAlgorithm
  /** From when on it signs. */
  readonly activeFrom: Date
  /** When it was withdrawn, with all that it had signed; null: it was not. */
  readonly pulledAt?: Date | null | undefined
}

/** The key that signs: of those that are active, the newest. @param now milliseconds since the epoch */
export function signingKey<Key extends KeyTimes>(
  keys: readonly Key[],
  alg: SigningAlgorithm,
  now: number,
): Key | undefined {
  return keys
    .filter(key => key.alg === alg && !key.pulledAt && key.activeFrom.getTime() <= now)
    .reduce<Key | undefined>(newer, undefined)
}

/** The key that is published and does not sign yet. */
export function upcomingKey<Key extends KeyTimes>(
  keys: readonly Key[],
  alg: SigningAlgorithm,
  now: number,
): Key | undefined {
  return keys.find(key => key.alg === alg && !key.pulledAt && key.activeFrom.getTime() > now)
}

/**
 * Whether verifiers are to have the key: it signs, or will, or something that it signed may still be live.
 * @param longestTokenMs how long a token can outlive the moment that the key stopped signing
 */
export function isPublished(
  key: KeyTimes,
  keys: readonly KeyTimes[],
  now: number,
  longestTokenMs: number,
): boolean {
  if (key.pulledAt) return false
  const successors = keys.filter(other => other.alg === key.alg && hasSigned(other) && isNewer(other, key))
  const replacedAt = Math.min(...successors.map(other => other.activeFrom.getTime()))
  return now < replacedAt + longestTokenMs
}

/** A key that was pulled before its time came has replaced none. */
function hasSigned({ pulledAt, activeFrom }: KeyTimes): boolean {
  return !pulledAt || pulledAt.getTime() > activeFrom.getTime()
}

function newer<Key extends KeyTimes>(best: Key | undefined, key: Key): Key {
  return best && isNewer(best, key) ? best : key
}

function isNewer(one: KeyTimes, other: KeyTimes): boolean {
  const difference = one.activeFrom.getTime() - other.activeFrom.getTime()
  return difference > 0 || (difference === 0 && one.kid > other.kid)
}
