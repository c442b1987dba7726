import { generateKeyPairSync, type JsonWebKey, randomBytes } from 'node:crypto'
import {
  type AssertionAlgorithm,
  algorithmsOf,
  bareKey,
  faultOfKey,
  type PublicJwk,
} from '../passes/public-key.ts'

/** So many signatures are checked of an assertion that is refused, whoever signed it and whoever the client is. */
const CHECKED_OF_REFUSED = 10

/** Keys that nobody has the private half of. */
const NOBODYS: Readonly<Record<string, JsonWebKey>> = {
  OKP: generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }),
  EC: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  RSA: { kty: 'RSA', e: 'AQAB', n: nobodysModulus() },
}

const KEY_TYPES: Readonly<Record<string, string>> = {
  EdDSA: 'OKP',
  Ed25519: 'OKP',
  ES256: 'EC',
  RS256: 'RSA',
  PS256: 'RSA',
} satisfies Record<AssertionAlgorithm, string>

interface UsableKey {
  readonly kid: string | undefined
  readonly algorithms: readonly string[]
  readonly key: JsonWebKey
}

/** The keys of a client, of which assertions are verified with those that are sound. */
export class AssertionKeys {
  readonly #keys: readonly UsableKey[]

  /** @param stored the pass's; none for a client that has none, or does not exist */
  constructor(stored: readonly PublicJwk[]) {
    this.#keys = stored
      .filter(jwk => faultOfKey(jwk) === undefined)
      .map(jwk => ({ kid: jwk.kid, algorithms: algorithmsOf(jwk), key: bareKey(jwk) }))
  }

  /**
   * The keys to try: those that the assertion names, else all that fit, since a `kid` is a hint (RFC 7515 section 4.1.4).
   * Behind them come keys of nobody, so that every refusal is the same work; who has signed well is done before.
   */
  candidates(alg: string, kid: unknown): JsonWebKey[] {
    const nobodys = NOBODYS[KEY_TYPES[alg] ?? ''] ?? NOBODYS.OKP
    const fitting = this.#fitting(alg)
    const named = fitting.filter(one => one.kid === kid && kid !== undefined)
    const keys = (named.length > 0 ? named : fitting).map(({ key }) => key)
    const missing = Math.max(0, CHECKED_OF_REFUSED - keys.length)
    return [...keys, ...Array.from({ length: missing }, () => nobodys)].filter(key => key !== undefined)
  }

  /** Why an assertion that was signed well names its key so that it cannot be told which is meant; undefined: it can. */
  faultOfName(alg: string, kid: unknown): string | undefined {
    const fitting = this.#fitting(alg)
    if (kid === undefined || fitting.length === 1 || fitting.some(one => one.kid === kid)) return undefined
    const kids = fitting.map(one => (one.kid === undefined ? 'one without a kid' : one.kid))
    return `the kid of the client assertion names none of the keys of this Sentinel Pass: ${kids.join(', ')}`
  }

  #fitting(alg: string): UsableKey[] {
    return this.#keys.filter(({ algorithms }) => algorithms.includes(alg))
  }
}

/** An odd number of 2,048 bits: to verify with it costs what a key's modulus costs. */
function nobodysModulus(): string {
  const modulus = randomBytes(256)
  modulus[0] = 0xff
  modulus[255] = 0xff
  return modulus.toString('base64url')
}
