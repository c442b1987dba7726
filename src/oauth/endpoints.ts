/** Paths of the OAuth endpoints, below `PUBLIC_URL`. */
export const OAUTH_ROUTES = {
  token: '/v1/api/oauth/token',
  introspection: '/v1/api/oauth/introspect',
  revocation: '/v1/api/oauth/revoke',
  jwks: '/.well-known/jwks.json',
} as const
