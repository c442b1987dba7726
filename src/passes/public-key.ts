import { checkPrimeSync, createPublicKey, type JsonWebKey } from 'node:crypto'

/** What a pass may sign its assertions with; none with a shared secret. `Ed25519` is EdDSA's name of RFC 9864. */
export const ASSERTION_ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'RS256', 'PS256'] as const
export type AssertionAlgorithm = (typeof ASSERTION_ALGORITHMS)[number]

/** Those that a key of each kind can verify. */
const ALGORITHMS_OF = {
  ed25519: ['EdDSA', 'Ed25519'],
  p256: ['ES256'],
  rsa: ['RS256', 'PS256'],
} as const satisfies Record<string, readonly AssertionAlgorithm[]>

const [LEAST_RSA_BITS, MOST_RSA_BITS] = [2048, 4096]
/** FIPS 186-5 section 5.4 asks for an exponent above 2^16; more than 64 bits no cryptographic library verifies with. */
const [LEAST_EXPONENT, EXPONENT_LIMIT] = [65_537n, 2n ** 64n]
/** A modulus has no smaller factor (SP 800-89 section 5.3.3). */
const LEAST_FACTOR = 752n

/** The prime of Curve25519, and its constant (RFC 8032 section 5.1). */
const P = 2n ** 255n - 19n
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n
/**
 * The y of the points of Ed25519 whose order divides 8. With one of them for a key, anybody can make signatures that
 * verify for some or all messages.
 */
const LOW_ORDER = new Set([
  0n,
  1n,
  P - 1n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  55188659117513257062467267217118295137698188065244968500265048394206261417927n,
])

/** The members of a public key, as RFC 7517 has them. */
export interface PublicJwk {
  readonly kty: string
  readonly kid?: string | undefined
  readonly alg?: string | undefined
  readonly crv?: string | undefined
  readonly x?: string | undefined
  readonly y?: string | undefined
  readonly n?: string | undefined
  readonly e?: string | undefined
}

/** The algorithms that a key verifies: those of its kind or, where it names one, that one. */
export function algorithmsOf(jwk: PublicJwk): readonly AssertionAlgorithm[] {
  const all: readonly AssertionAlgorithm[] =
    jwk.kty === 'RSA'
      ? ALGORITHMS_OF.rsa
      : jwk.crv === 'Ed25519'
        ? ALGORITHMS_OF.ed25519
        : jwk.crv === 'P-256'
          ? ALGORITHMS_OF.p256
          : []
  // The two names of EdDSA with Ed25519 mean the same.
  if (jwk.alg === undefined || (jwk.crv === 'Ed25519' && all.some(name => name === jwk.alg))) return all
  return all.filter(name => name === jwk.alg)
}

/** What alone makes the key, as a verifier takes it. */
export function bareKey({ kty, crv, x, y, n, e }: PublicJwk): JsonWebKey {
  if (kty === 'RSA') return { kty, ...defined({ n, e }) }
  return kty === 'EC' ? { kty, ...defined({ crv, x, y }) } : { kty, ...defined({ crv, x }) }
}

/**
 * What is wrong with a key that assertions would be verified with: one that is no key, is too weak, or lets somebody sign
 * who does not hold its private half. It is quick: keys that are stored are judged by it whenever they are used.
 * @returns words for who registers it; undefined where nothing is
 */
export function faultOfKey(jwk: PublicJwk): string | undefined {
  if (algorithmsOf({ ...jwk, alg: undefined }).length === 0) return 'has to be Ed25519, P-256 or RSA'
  if (algorithmsOf(jwk).length === 0) return `has an alg that a key of its kind cannot have: ${jwk.alg}`
  try {
    // Takes no point that is not on P-256.
    createPublicKey({ key: bareKey(jwk), format: 'jwk' })
  } catch {
    return 'is not a public key: its members do not fit together'
  }
  if (jwk.kty === 'RSA') return faultOfRsa(unsigned(jwk.n), unsigned(jwk.e))
  return jwk.crv === 'Ed25519' && isLowOrder(jwk.x)
    ? 'is a point of low order, which anybody can sign for'
    : undefined
}

/** The same and what takes milliseconds, for a key that is to be registered. */
export function faultOfNewKey(jwk: PublicJwk): string | undefined {
  const fault = faultOfKey(jwk)
  if (fault !== undefined) return fault
  if (jwk.kty === 'RSA') {
    const modulus = unsigned(jwk.n)
    if (bitsOf(modulus) > MOST_RSA_BITS) return `has a modulus of more than ${MOST_RSA_BITS} bits`
    return checkPrimeSync(modulus) || isSquare(modulus)
      ? 'has a modulus that is not a product of two primes'
      : undefined
  }
  return jwk.crv === 'Ed25519' && !isOnCurve(jwk.x) ? 'is not a point of Ed25519' : undefined
}

function faultOfRsa(modulus: bigint, exponent: bigint): string | undefined {
  if (bitsOf(modulus) < LEAST_RSA_BITS) return `has a modulus of fewer than ${LEAST_RSA_BITS} bits`
  if (exponent < LEAST_EXPONENT || exponent >= EXPONENT_LIMIT || exponent % 2n === 0n)
    return `has a bad exponent: it has to be odd, ${LEAST_EXPONENT} or more, and of 64 bits at most`
  if (hasSmallFactor(modulus)) return 'has a modulus with a small factor'
  return undefined
}

function hasSmallFactor(modulus: bigint): boolean {
  if (modulus % 2n === 0n) return true
  for (let factor = 3n; factor < LEAST_FACTOR; factor += 2n) if (modulus % factor === 0n) return true
  return false
}

function isSquare(value: bigint): boolean {
  // Newton's method from above ends at the root, rounded down.
  let root = 1n << BigInt(Math.ceil(bitsOf(value) / 2))
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) return root * root === value
    root = next
  }
}

/** The y that an encoded point has; its first bit is the sign of x (RFC 8032 section 5.1.3). */
function yOf(x = ''): bigint {
  const bytes = Buffer.from(x, 'base64url').reverse()
  return BigInt(`0x${bytes.toString('hex') || '0'}`) & ((1n << 255n) - 1n)
}

function isLowOrder(x: string | undefined): boolean {
  return LOW_ORDER.has(yOf(x) % P)
}

/** Whether x² = (y² - 1) / (dy² + 1) has a solution, and y is not written in another way. */
function isOnCurve(x: string | undefined): boolean {
  const y = yOf(x)
  const square = (y * y) % P
  return y < P && power((((square + P - 1n) % P) * ((D * square + 1n) % P)) % P, (P - 1n) / 2n) <= 1n
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let [square, rest] = [base, exponent]; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P
    square = (square * square) % P
  }
  return result
}

function unsigned(base64url = ''): bigint {
  return BigInt(`0x${Buffer.from(base64url, 'base64url').toString('hex') || '0'}`)
}

function bitsOf(value: bigint): number {
  return value.toString(2).length
}

function defined(members: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(members).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
