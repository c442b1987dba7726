import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import type { TestProject, TestServer } from '../support/server.ts'
import { sendForm, TOKEN } from './oauth-requests.ts'

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** A pass that signs its assertions. */
export interface Signer {
  readonly clientId: string
  readonly id: string
  readonly agentUserId: string
  readonly key: CryptoKey
  readonly alg: string
}

export interface KeyPair {
  readonly key: CryptoKey
  readonly jwk: JWK
}

export async function keyPair(alg = 'EdDSA', kid: string | undefined = 'key-1'): Promise<KeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { key: privateKey, jwk: { ...(await exportJWK(publicKey)), ...(kid === undefined ? {} : { kid }) } }
}

/** A pass with one key, `key-1`, and no secret; or with the keys that are given. */
export async function signingPass(
  server: TestServer,
  project: TestProject,
  fields: Record<string, unknown> = {},
  alg = 'EdDSA',
): Promise<Signer> {
  const { key, jwk } = await keyPair(alg)
  const { id, credentials } = await server.createPass(project, { jwks: { keys: [jwk] }, ...fields })
  if (credentials.clientSecret !== null) throw new Error('a pass with keys was given a secret')
  return { id, clientId: credentials.clientId, agentUserId: credentials.agentUserId, key, alg }
}

export interface AssertionOptions {
  readonly clientId?: string
  readonly audience?: string | string[]
  readonly jti?: string
  /** Seconds from now, as are the others; the library judges them by the real time. */
  readonly expiresIn?: number
  readonly issuedIn?: number
  readonly notBeforeIn?: number
  readonly key?: CryptoKey
  /** `key-1` when not given; null: none. */
  readonly kid?: string | null
  readonly alg?: string
}

export function assertion(
  server: Pick<TestServer, 'url'>,
  signer: Pick<Signer, 'clientId' | 'key' | 'alg'>,
  options: AssertionOptions = {},
): Promise<string> {
  const clientId = options.clientId ?? signer.clientId
  const now = Math.floor(Date.now() / 1000)
  const { kid = 'key-1', alg = signer.alg } = options
  const jwt = new SignJWT()
    .setProtectedHeader({ alg, ...(kid === null ? {} : { kid }) })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(options.audience ?? server.url)
    .setJti(options.jti ?? crypto.randomUUID())
    .setIssuedAt(now + (options.issuedIn ?? 0))
    .setExpirationTime(now + (options.expiresIn ?? 60))
  if (options.notBeforeIn !== undefined) jwt.setNotBefore(now + options.notBeforeIn)
  return jwt.sign(options.key ?? signer.key)
}

/** The fields of a form that authenticate by an assertion. */
export const withAssertion = (value: string, fields: Record<string, string> = {}) => ({
  client_assertion_type: ASSERTION_TYPE,
  client_assertion: value,
  ...fields,
})

/** Asks for a token by an assertion. */
export const askByAssertion = (server: TestServer, value: string) =>
  sendForm(server, TOKEN, withAssertion(value, { grant_type: 'client_credentials' }))
