import { z } from 'zod'
import { describeRoutes, KNOWN, uuid } from '../http/operation.ts'
import { ACCESS_LEVELS } from '../platform/config.ts'
import { OAUTH_ROUTES } from './endpoints.ts'
import { contextParameters } from './introspection.ts'

const FORM = 'application/x-www-form-urlencoded'
const OPEN = ['Cache-Control', 'ETag', 'Access-Control-Allow-Origin'] as const
const common = { tag: 'OAuth', errors: 'oauth' } as const

const postedCredentials = {
  client_id: z.string().optional().meta({ description: 'With client_secret_post' }),
  client_secret: z.string().optional().meta({ description: 'With client_secret_post' }),
  client_assertion: z
    .string()
    .optional()
    .meta({ description: 'With private_key_jwt: a JWT signed with a key of the pass (RFC 7523)' }),
  client_assertion_type: z.literal('urn:ietf:params:oauth:client-assertion-type:jwt-bearer').optional(),
}
const token = z.string().min(1)

const passTokenRequest = z.looseObject({
  grant_type: z.literal('client_credentials'),
  scope: z.string().optional().meta({ description: 'Separated by spaces; all of the pass’s when not given' }),
  resource: z.url().optional().meta({ description: 'Where the token is to be used (RFC 8707)' }),
  ...postedCredentials,
})

const userTokenRequest = z.looseObject({
  grant_type: z.literal('authorization_code'),
  client_id: z.string(),
  code: z.string(),
  code_verifier: z.string().meta({ description: 'PKCE (RFC 7636)' }),
  redirect_uri: z.url(),
})

const tokenRequest = z.union([passTokenRequest, userTokenRequest])

const tokenAnswer = z
  .object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int(),
    scope: z.string().optional(),
    id_token: z.string().optional().meta({ description: 'For a signed-in user' }),
  })
  .meta({ id: 'TokenAnswer' })

const activeToken = z.object({
  active: z.literal(true),
  token_type: z.literal('Bearer'),
  client_id: z.string(),
  sub: z.string(),
  scope: z.string().optional(),
  aud: z.string().optional(),
  iss: z.url(),
  jti: z.string(),
  iat: z.int(),
  exp: z.int(),
  cnf: z
    .object({ 'x5t#S256': z.string().meta({ description: 'SHA-256 thumbprint of the certificate' }) })
    .optional()
    .meta({
      description: 'Only who shows this client certificate may use the token (RFC 8705 section 3.2)',
    }),
  agent_user_id: uuid,
  pass_id: z.string(),
  project_id: uuid,
  permissions: z.array(z.string()),
  access_level: z.enum(ACCESS_LEVELS),
})
const introspection = z
  .union([activeToken, z.object({ active: z.literal(false) })])
  .meta({ id: 'Introspection' })

const metadata = z
  .looseObject({
    issuer: z.url(),
    authorization_endpoint: z.url(),
    end_session_endpoint: z.url(),
    token_endpoint: z.url(),
    introspection_endpoint: z.url(),
    revocation_endpoint: z.url(),
    jwks_uri: z.url(),
    grant_types_supported: z.array(z.string()),
    response_types_supported: z.array(z.string()),
    response_modes_supported: z.array(z.string()),
    code_challenge_methods_supported: z.array(z.string()),
    authorization_response_iss_parameter_supported: z.boolean(),
    scopes_supported: z.array(z.string()),
    subject_types_supported: z.array(z.string()),
    id_token_signing_alg_values_supported: z.array(z.string()),
    prompt_values_supported: z.array(z.string()),
    token_endpoint_auth_methods_supported: z.array(z.string()),
    token_endpoint_auth_signing_alg_values_supported: z.array(z.string()),
    introspection_endpoint_auth_methods_supported: z.array(z.string()),
    introspection_endpoint_auth_signing_alg_values_supported: z.array(z.string()),
    revocation_endpoint_auth_methods_supported: z.array(z.string()),
    revocation_endpoint_auth_signing_alg_values_supported: z.array(z.string()),
    tls_client_certificate_bound_access_tokens: z.literal(true).optional(),
  })
  .meta({ id: 'ServerMetadata' })

const publicKeys = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })) })

const discovery = {
  ...common,
  method: 'get',
  access: 'anybody',
  summary: 'Where everything is (RFC 8414)',
  headers: ['If-None-Match'],
  answers: { 200: { description: 'The metadata', schema: metadata, headers: OPEN }, 304: KNOWN },
} as const

/** The routes of OAuth. */
export const oauthOperations = describeRoutes({
  'oauth.token': {
    ...common,
    method: 'post',
    path: OAUTH_ROUTES.token,
    access: 'client',
    summary: 'Grant an access token to a pass, or to a person for a code (RFC 6749 sections 4.4 and 4.1.3)',
    description:
      'A token that a pass fetches with a client certificate is bound to it (RFC 8705 section 3), where a proxy tells of it.',
    body: { schema: tokenRequest, type: FORM, required: true },
    answers: { 200: { description: 'The token', schema: tokenAnswer, headers: ['Cache-Control'] } },
  },
  'oauth.introspect': {
    ...common,
    method: 'post',
    path: OAUTH_ROUTES.introspection,
    access: 'client_or_api_key',
    summary: 'Whether a token is good, and for what (RFC 7662)',
    description:
      'Tokens of other projects are not active to the caller. With `endpoint`, the call that the token came with is put on record.',
    body: {
      schema: z.looseObject({
        token,
        token_type_hint: z.string().optional(),
        ...contextParameters.shape,
        ...postedCredentials,
      }),
      type: FORM,
      required: true,
    },
    answers: {
      200: { description: 'What is known of it', schema: introspection, headers: ['Cache-Control'] },
    },
  },
  'oauth.revoke': {
    ...common,
    method: 'post',
    path: OAUTH_ROUTES.revocation,
    access: 'client_or_api_key',
    summary: 'End a token (RFC 7009)',
    body: {
      schema: z.looseObject({ token, token_type_hint: z.string().optional(), ...postedCredentials }),
      type: FORM,
      required: true,
    },
    answers: {
      200: {
        description: 'It is no longer good, or never was the caller’s. Nothing is said of it',
        schema: z.object({}),
        headers: ['Cache-Control'],
      },
    },
  },
  'oauth.metadata': { ...discovery, path: '/.well-known/oauth-authorization-server' },
  'oauth.openid_metadata': { ...discovery, path: '/.well-known/openid-configuration' },
  'oauth.jwks': {
    ...common,
    method: 'get',
    path: OAUTH_ROUTES.jwks,
    headers: ['If-None-Match'],
    access: 'anybody',
    summary: 'The signing keys (RFC 7517)',
    answers: {
      200: {
        description: 'The public keys',
        content: { 'application/jwk-set+json': publicKeys },
        headers: OPEN,
      },
      304: KNOWN,
    },
  },
})
