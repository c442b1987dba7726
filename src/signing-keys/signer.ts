import { createPrivateKey, type KeyObject, type SignKeyObjectInput, sign } from 'node:crypto'
import { promisify } from 'node:util'
import type { SigningAlgorithm } from '../platform/config.ts'
import type { PrivateJwk } from './signing-keys.ts'

interface Way {
  readonly digest: 'sha256' | null
  /** Whether a signature takes long enough that handing it to the thread pool costs less than waiting for it. */
  readonly pooled: boolean
}

/** `docs/performance.md` has what each costs on the main thread and in the pool. */
const WAYS: Readonly<Record<SigningAlgorithm, Way>> = {
  EdDSA: { digest: null, pooled: false },
  ES256: { digest: 'sha256', pooled: false },
  RS256: { digest: 'sha256', pooled: true },
}

const signInPool = promisify<string | null, Buffer, SignKeyObjectInput, Buffer>(sign)

/** A key that is ready to sign access tokens: parsed once, with the header that they all have. */
export class Signer {
  readonly kid: string
  readonly alg: SigningAlgorithm
  readonly #key: SignKeyObjectInput & { readonly key: KeyObject }
  readonly #header: string

  constructor(jwk: PrivateJwk, alg: SigningAlgorithm) {
    this.kid = jwk.kid
    this.alg = alg
    // JWS has both numbers of an ECDSA signature one after the other, not in DER (RFC 7518 section 3.4).
    this.#key = { key: createPrivateKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' }
    this.#header = base64url({ alg, kid: jwk.kid, typ: 'at+jwt' })
  }

  /** The claims as a signed access token (RFC 9068 section 2.1) in the compact form (RFC 7515 section 7.1). */
  async sign(claims: Readonly<Record<string, unknown>>): Promise<string> {
    const { digest, pooled } = WAYS[this.alg]
    const input = `${this.#header}.${base64url(claims)}`
    const bytes = Buffer.from(input)
    const signature = pooled ? await signInPool(digest, bytes, this.#key) : sign(digest, bytes, this.#key)
    return `${input}.${signature.toString('base64url')}`
  }
}

function base64url(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
