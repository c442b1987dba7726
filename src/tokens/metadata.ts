import type Provider from 'oidc-provider'

const SECRET_METHODS = ['client_secret_basic', 'client_secret_post']

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
    token_endpoint_auth_methods_supported: SECRET_METHODS,
    introspection_endpoint_auth_methods_supported: SECRET_METHODS,
    revocation_endpoint_auth_methods_supported: SECRET_METHODS,
  }
}
