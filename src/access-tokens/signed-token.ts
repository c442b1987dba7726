import { hash } from 'node:crypto'
import { compactVerify, decodeProtectedHeader } from 'jose'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { SIGNING_ALGORITHMS } from '../platform/config.ts'
import type { TokenClaims } from './token-claims.ts'

const VERIFIED_KEPT = 10_000
const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]+$/

const header = z.object({
  typ: z.literal('at+jwt'),
  alg: z.enum(SIGNING_ALGORITHMS),
  kid: z.string().max(200),
})

/** What this server puts into a token of its own (RFC 9068 section 2.2), and reads again. */
const payload = z.object({
  iss: z.string(),
  jti: z.uuid(),
  client_id: z.string(),
  pass_epoch: z.int(),
  iat: z.int(),
  exp: z.int(),
  aud: z.string(),
  scope: z.string().optional(),
  cnf: z.object({ 'x5t#S256': z.string() }).optional(),
})

/** A public key of this server's, by its `kid`; undefined when there is none. */
export type Verifier = (kid: string) => Promise<Parameters<typeof compactVerify>[1] | undefined>

/** Reads signed access tokens of this server's own (RFC 9068): nothing of them is kept but that they were verified. */
export class SignedTokens {
  readonly #issuer: string
  readonly #verifier: Verifier
  /** By the digest of the value: who introspects one token many times has its signature checked once. */
  readonly #verified = new LRUCache<string, TokenClaims>({ max: VERIFIED_KEPT })

  constructor(issuer: string, verifier: Verifier) {
    this.#issuer = issuer
    this.#verifier = verifier
  }

  /**
   * Whether the token is still live is not asked here.
   * @returns undefined for whatever no key of this server has signed as an access token
   */
  async open(value: string): Promise<TokenClaims | undefined> {
    if (!COMPACT_JWS.test(value)) return undefined
    const digest = hash('sha256', value, 'base64url')
    const known = this.#verified.get(digest)
    if (known) return known
    const claims = await this.#verify(value)
    if (claims) this.#verified.set(digest, claims)
    return claims
  }

  async #verify(value: string): Promise<TokenClaims | undefined> {
    const { kid, alg } = headerOf(value) ?? {}
    const key = kid === undefined ? undefined : await this.#verifier(kid)
    if (!key || alg === undefined) return undefined
    const claims = await verifiedPayload(value, key, alg)
    if (claims?.iss !== this.#issuer) return undefined
    return {
      id: claims.jti,
      clientId: claims.client_id,
      epoch: claims.pass_epoch,
      issuedAt: claims.iat * 1000,
      lifetimeSeconds: claims.exp - claims.iat,
      scopes: claims.scope === undefined ? [] : claims.scope.split(' '),
      audience: claims.aud,
      certificate: claims.cnf?.['x5t#S256'],
      keyId: kid,
    }
  }
}

function headerOf(value: string): z.output<typeof header> | undefined {
  try {
    return header.safeParse(decodeProtectedHeader(value)).data
  } catch {
    return undefined
  }
}

async function verifiedPayload(
  value: string,
  key: Parameters<typeof compactVerify>[1],
  alg: string,
): Promise<z.output<typeof payload> | undefined> {
  try {
    const verified = await compactVerify(value, key, { algorithms: [alg] })
    return payload.safeParse(JSON.parse(Buffer.from(verified.payload).toString('utf8'))).data
  } catch {
    return undefined
  }
}
