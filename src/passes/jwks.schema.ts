import { z } from 'zod'
import { keptText } from '../http/validate.ts'
import { faultOfNewKey } from './public-key.ts'

/** Members that only a private or a symmetric key has (RFC 7518 section 6). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

const publicMembers = z
  .object({
    kty: z.enum(['RSA', 'EC', 'OKP'], 'must be RSA, EC or OKP'),
    kid: keptText(200).optional(),
    alg: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,20}$/)
      .optional(),
    use: z.literal('sig', 'must be sig where it is given').optional(),
    crv: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,20}$/)
      .optional(),
    x: z.base64url().max(200).optional(),
    y: z.base64url().max(200).optional(),
    n: z.base64url().max(1400).optional(),
    e: z.base64url().max(20).optional(),
  })
  .superRefine((jwk, context) => {
    const fault = faultOfNewKey(jwk)
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault })
  })

const publicJwk = z
  .looseObject({})
  .refine(jwk => !PRIVATE_MEMBERS.some(member => member in jwk), {
    error: 'has private members: send public keys only',
    abort: true,
  })
  .refine(({ key_ops: uses }) => uses === undefined || isVerifyAlone(uses), {
    path: ['key_ops'],
    error: 'must be ["verify"] where it is given: a key with another use is not for assertions',
    abort: true,
  })
  .pipe(publicMembers)
  .meta({ description: 'A public key (RFC 7517): RSA, EC or OKP, without private members' })

/** The public keys of a pass (RFC 7517 section 5). */
export const jwks = z.object({
  keys: z
    .array(publicJwk)
    .min(1)
    .max(10)
    .refine(keys => repeatedKids(keys).length === 0, {
      error: 'has two keys of one kid: each names one key (RFC 7517 section 4.5)',
    }),
})

export type Jwks = z.output<typeof jwks>

function isVerifyAlone(uses: unknown): boolean {
  return Array.isArray(uses) && uses.length === 1 && uses[0] === 'verify'
}

function repeatedKids(keys: readonly { kid?: string | undefined }[]): string[] {
  const kids = keys.flatMap(({ kid }) => (kid === undefined ? [] : [kid]))
  return kids.filter((kid, index) => kids.indexOf(kid) !== index)
}
