import type Provider from 'oidc-provider'
import { ASSERTION_ALGORITHMS } from './provider.ts'

const METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt']

/** Authorization server metadata (RFC 8414 section 2): what a standard client finds all of it by. */
export function presentMetadata(provider: Provider): object {
  return {
    issuer: provider.issuer,
    token_endpoint: provider.urlFor('token'),
    introspection_endpoint: provider.urlFor('introspection'),
    revocation_endpoint: provider.urlFor('revocation'),
    jwks_uri: provider.urlFor('jwks'),
    grant_types_supported: ['client_credentials'],
    response_types_supported: [],
    token_endpoint_auth_methods_supported: METHODS,
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    introspection_endpoint_auth_methods_supported: METHODS,
    introspection_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    revocation_endpoint_auth_methods_supported: METHODS,
    revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
  }
}
