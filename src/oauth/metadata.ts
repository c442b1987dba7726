import type Provider from 'oidc-provider'
import { publicPathOf } from '../http/public-path.ts'
import { ASSERTION_ALGORITHMS } from '../passes/public-key.ts'
import { SIGNING_ALGORITHMS } from '../platform/config.ts'
import { RESPONSE_MODE, SIGN_IN_ROUTES, SIGN_IN_SCOPES } from '../sign-in/sign-in-provider.ts'

const METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt']

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
export function presentMetadata(provider: Provider, bindsTokens: boolean): object {
  return {
    issuer: provider.issuer,
    authorization_endpoint: provider.issuer + SIGN_IN_ROUTES.authorization,
    end_session_endpoint: provider.issuer + SIGN_IN_ROUTES.end_session,
    token_endpoint: provider.urlFor('token'),
    introspection_endpoint: provider.urlFor('introspection'),
    revocation_endpoint: provider.urlFor('revocation'),
    jwks_uri: provider.urlFor('jwks'),
    grant_types_supported: ['client_credentials', 'authorization_code'],
    response_types_supported: ['code'],
    response_modes_supported: [RESPONSE_MODE],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    scopes_supported: SIGN_IN_SCOPES,
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
