import { createPublicKey } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

describe('the metadata of the authorization server (RFC 8414)', () => {
  it.each([['/.well-known/oauth-authorization-server'], ['/.well-known/openid-configuration']])(
    'is at %s',
    async path => {
      const answer = await server.http.get(path)
      const methods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt']

      expect(answer.status).toBe(200)
      expect(answer.headers['content-type']).toMatch(/^application\/json/)
      expect(answer.headers['cache-control']).toMatch(/^public, max-age=[1-9]\d+$/)
      expect(answer.body).toMatchObject({
        issuer: server.url,
        token_endpoint: `${server.url}/v1/api/oauth/token`,
        introspection_endpoint: `${server.url}/v1/api/oauth/introspect`,
        revocation_endpoint: `${server.url}/v1/api/oauth/revoke`,
        jwks_uri: `${server.url}/.well-known/jwks.json`,
        authorization_endpoint: `${server.url}/v1/api/oauth/authorize`,
        end_session_endpoint: `${server.url}/v1/api/oauth/logout`,
        grant_types_supported: ['client_credentials', 'authorization_code'],
        response_types_supported: ['code'],
        code_challenge_methods_supported: ['S256'],
        id_token_signing_alg_values_supported: ['ES256', 'EdDSA', 'RS256'],
        token_endpoint_auth_methods_supported: expect.arrayContaining(methods),
        introspection_endpoint_auth_methods_supported: expect.arrayContaining(methods),
        revocation_endpoint_auth_methods_supported: expect.arrayContaining(methods),
      })
    },
  )

  it('does not say that tokens can be bound to certificates where no proxy is trusted', async () => {
    const { body } = await server.http.get('/.well-known/oauth-authorization-server')
    expect(body).not.toHaveProperty('tls_client_certificate_bound_access_tokens')
  })

  it('names no endpoint that is not there', async () => {
    const { body } = await server.http.get('/.well-known/oauth-authorization-server')
    const members: [string, unknown][] = Object.entries(body)
    const urls = members.flatMap(([name, value]) =>
      /_endpoint$|_uri$/.test(name) && typeof value === 'string' ? [value] : [],
    )

    expect(urls.length).toBeGreaterThanOrEqual(4)
    for (const url of urls) {
      const { pathname } = new URL(url)
      const found = [(await server.http.get(pathname)).status, (await server.http.post(pathname)).status]
      expect([pathname, found.includes(404)]).toEqual([pathname, false])
    }
  })
})

describe('the signing keys', () => {
  it('are public, with their use, and may be kept for a while', async () => {
    const answer = await server.http.get('/.well-known/jwks.json')

    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toMatch(/^application\/(jwk-set\+)?json/)
    expect(answer.headers['cache-control']).toMatch(/^public, max-age=[1-9]\d+$/)
    expect(Object.keys(answer.body)).toEqual(['keys'])
    const common = { kid: expect.any(String), use: 'sig' }
    expect(answer.body.keys).toHaveLength(3)
    expect(answer.body.keys).toEqual(
      expect.arrayContaining([
        { kty: 'EC', crv: 'P-256', x: expect.any(String), y: expect.any(String), alg: 'ES256', ...common },
        { kty: 'OKP', crv: 'Ed25519', x: expect.any(String), alg: 'EdDSA', ...common },
        { kty: 'RSA', n: expect.any(String), e: 'AQAB', alg: 'RS256', ...common },
      ]),
    )
  })

  it('are called by their thumbprints (RFC 7638), and are keys', async () => {
    const { body } = await server.http.get('/.well-known/jwks.json')
    for (const jwk of body.keys) {
      expect(jwk.kid).toBe(await calculateJwkThumbprint(jwk))
      const type = createPublicKey({ key: jwk, format: 'jwk' }).asymmetricKeyType
      expect(type).toBe({ ES256: 'ec', EdDSA: 'ed25519', RS256: 'rsa' }[String(jwk.alg)])
    }
  })
})
