import { type AsymmetricKeyDetails, createPublicKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { text } from '../http/validate.ts'

/** What a pass may sign its assertions with; none with a shared secret. `Ed25519` is EdDSA's name of RFC 9864. */
export const ASSERTION_ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'RS256', 'PS256'] as const
const LEAST_RSA_BITS = 2048
const KEY_NEEDED =
  'is not a public key that can verify an assertion: Ed25519, P-256, or RSA of 2048 bits or more, and no alg but its own'

/** Members that only a private or a symmetric key has (RFC 7518 section 6). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

const publicMembers = z
  .object({
    kty: z.enum(['RSA', 'EC', 'OKP'], 'must be RSA, EC or OKP'),
    kid: text(200).optional(),
    alg: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,20}$/)
      .optional(),
    use: z.literal('sig').optional(),
    crv: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,20}$/)
      .optional(),
    x: z.base64url().max(200).optional(),
    y: z.base64url().max(200).optional(),
    n: z.base64url().max(1400).optional(),
    e: z.base64url().max(20).optional(),
  })
  .refine(isPublicKey, { error: KEY_NEEDED, abort: true })

const publicJwk = z
  .looseObject({})
  .refine(jwk => !PRIVATE_MEMBERS.some(member => member in jwk), {
    error: 'has private members: send public keys only',
    abort: true,
  })
  .pipe(publicMembers)
  .meta({ description: 'A public key (RFC 7517): RSA, EC or OKP, without private members' })

/** The public keys of a pass (RFC 7517 section 5). */
export const jwks = z.object({ keys: z.array(publicJwk).min(1).max(10) })

export type Jwks = z.output<typeof jwks>

/** Whether a key can verify an assertion: of which kind it is, and whether it is made for another algorithm. */
function isPublicKey(jwk: Record<string, unknown>): boolean {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey({
      key: definedMembers(jwk),
      format: 'jwk',
    })
    const algorithms = algorithmsOf(asymmetricKeyType, asymmetricKeyDetails)
    return jwk.alg === undefined ? algorithms.length > 0 : algorithms.some(one => one === jwk.alg)
  } catch {
    return false
  }
}

function algorithmsOf(
  type: KeyObject['asymmetricKeyType'],
  { modulusLength = 0, namedCurve }: AsymmetricKeyDetails = {},
): readonly (typeof ASSERTION_ALGORITHMS)[number][] {
  if (type === 'ed25519') return ['EdDSA', 'Ed25519']
  if (type === 'ec') return namedCurve === 'prime256v1' ? ['ES256'] : []
  return type === 'rsa' && modulusLength >= LEAST_RSA_BITS ? ['RS256', 'PS256'] : []
}

function definedMembers(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
}
