import { publicPathOf } from '../http/public-path.ts'
import { ASSERTION_ALGORITHMS } from '../passes/public-key.ts'
import { SIGNING_ALGORITHMS } from '../platform/config.ts'
import { OAUTH_ROUTES } from './endpoints.ts'

const METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt']

/** What the metadata says of people who sign in. */
export interface SignInMetadata {
  readonly routes: { readonly authorization: string; readonly end_session: string }
  readonly responseMode: string
  readonly scopes: readonly string[]
}

/** Where the metadata is. The path of an issuer comes after the well-known one, where no proxy takes it off (RFC 8414 section 3.1). */
export function metadataPaths(issuer: string): string[] {
  const path = '/.well-known/oauth-authorization-server'
  return [...new Set([path, path + publicPathOf(issuer), '/.well-known/openid-configuration'])]
}

/**
 * Authorization server metadata (RFC 8414 section 2, OpenID Connect Discovery 1.0 section 3): what a standard client
 * finds all of it by.
 * @param bindsTokens whether there is a proxy that can tell of certificates (RFC 8705 section 3.3)
 */
export function presentMetadata(issuer: string, people: SignInMetadata, bindsTokens: boolean): object {
  return {
    issuer,
    authorization_endpoint: issuer + people.routes.authorization,
    end_session_endpoint: issuer + people.routes.end_session,
    token_endpoint: issuer + OAUTH_ROUTES.token,
    introspection_endpoint: issuer + OAUTH_ROUTES.introspection,
    revocation_endpoint: issuer + OAUTH_ROUTES.revocation,
    jwks_uri: issuer + OAUTH_ROUTES.jwks,
    grant_types_supported: ['client_credentials', 'authorization_code'],
    response_types_supported: ['code'],
    response_modes_supported: [people.responseMode],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    scopes_supported: people.scopes,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: SIGNING_ALGORITHMS,
    prompt_values_supported: ['none', 'login'],
    // `none` is for people's public client, which has no secret; every pass authenticates.
    token_endpoint_auth_methods_supported: [...METHODS, 'none'],
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    introspection_endpoint_auth_methods_supported: METHODS,
    introspection_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    revocation_endpoint_auth_methods_supported: METHODS,
    revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    ...(bindsTokens ? { tls_client_certificate_bound_access_tokens: true } : {}),
  }
}
