import { calculateJwkThumbprint, exportJWK, type GenerateKeyPairResult, generateKeyPair } from 'jose'
import { z } from 'zod'
import type { SigningAlgorithm } from '../platform/config.ts'

const privateJwk = z.looseObject({ kty: z.string(), kid: z.string(), alg: z.string(), use: z.literal('sig') })

/** A private signing key as a JWK (RFC 7517). */
export type PrivateJwk = z.output<typeof privateJwk>

/** The public members of each kind of key (RFC 7518 section 6, RFC 8037 section 2). */
const PUBLIC_MEMBERS = ['kty', 'kid', 'alg', 'use', 'crv', 'x', 'y', 'n', 'e'] as const

/** A new key; its id is its JWK thumbprint (RFC 7638). */
export async function generateSigningKey(alg: SigningAlgorithm): Promise<PrivateJwk> {
  const { privateKey }: GenerateKeyPairResult = await generateKeyPair(alg, { extractable: true })
  const jwk = await exportJWK(privateKey)
  return privateJwk.parse({ ...jwk, kid: await calculateJwkThumbprint(jwk), alg, use: 'sig' })
}

/** What a verifier needs of a key, and nothing else of it. */
export function publicJwk(key: PrivateJwk): Record<string, unknown> {
  return Object.fromEntries(PUBLIC_MEMBERS.flatMap(name => (name in key ? [[name, key[name]]] : [])))
}

/** @throws ZodError when it is not the JSON of a private signing key */
export function parsePrivateJwk(json: Buffer): PrivateJwk {
  return privateJwk.parse(JSON.parse(json.toString('utf8')))
}
