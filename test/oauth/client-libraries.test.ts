import { OAuth2Client } from '@badgateway/oauth2-client'
import ClientOAuth2 from 'client-oauth2'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import * as oauth4webapi from 'oauth4webapi'
import { Issuer } from 'openid-client-5'
import { ClientCredentials } from 'simple-oauth2'
import { startServer, type TestCredentials, type TestProject, type TestServer } from '../support/server.ts'
import { ASSERTION_TYPE } from './assertions.ts'
import { isActive, REVOKE, TOKEN } from './oauth-requests.ts'

let server: TestServer
let project: TestProject
let credentials: TestCredentials
beforeAll(async () => {
  server = await startServer()
  project = await server.createProject()
  credentials = (await server.createPass(project, { scopes: ['read:data', 'passes:read'] })).credentials
})
afterAll(() => server.close())

const passesWith = async (token: string): Promise<number> => {
  const answer = await server.http
    .get(`${project.path}/sentinel_passes`)
    .set('Authorization', `Bearer ${token}`)
  return answer.status
}

describe('simple-oauth2', () => {
  it.each([
    ['in the header', 'header'],
    ['in the body', 'body'],
  ] as const)(
    'fetches, uses and revokes a token with its credentials %s',
    async (_where, authorizationMethod) => {
      const client = new ClientCredentials({
        client: { id: credentials.clientId, secret: credentials.clientSecret },
        auth: { tokenHost: server.url, tokenPath: TOKEN, revokePath: REVOKE },
        options: { authorizationMethod },
      })
      const granted = await client.getToken({ scope: ['passes:read', 'read:data'] })
      const token = String(granted.token.access_token)
      expect(granted.token).toMatchObject({ token_type: 'Bearer', scope: 'passes:read read:data' })
      expect(granted.expired()).toBe(false)
      expect(await passesWith(token)).toBe(200)
      // Its reader of answers throws for an empty one of another type.
      await granted.revoke('access_token')
      expect(await isActive(server, project, token)).toBe(false)
    },
  )

  it('tells what was wrong', async () => {
    const client = new ClientCredentials({
      client: { id: credentials.clientId, secret: 'sps_wrong' },
      auth: { tokenHost: server.url, tokenPath: TOKEN },
    })
    await expect(client.getToken({})).rejects.toMatchObject({
      output: { statusCode: 401 },
      data: { payload: { error: 'invalid_client' } },
    })
  })
})

describe('client-oauth2', () => {
  it('fetches a token and signs a request with it', async () => {
    const client = new ClientOAuth2({
      clientId: credentials.clientId,
      clientSecret: credentials.clientSecret,
      accessTokenUri: server.url + TOKEN,
      scopes: ['passes:read'],
    })
    const token = await client.credentials.getToken()
    expect(token.tokenType).toBe('bearer')
    expect(token.expired()).toBe(false)
    const signed = token.sign({ method: 'get', url: server.url })
    expect(signed).toMatchObject({ headers: { Authorization: `Bearer ${token.accessToken}` } })
    expect(await passesWith(token.accessToken)).toBe(200)
  })
})

describe('@badgateway/oauth2-client', () => {
  it.each(['client_secret_basic', 'client_secret_post', 'client_secret_basic_interop'] as const)(
    'walks the whole way by discovery with %s',
    async authenticationMethod => {
      const client = new OAuth2Client({
        server: server.url,
        clientId: credentials.clientId,
        clientSecret: credentials.clientSecret,
        discoveryEndpoint: '/.well-known/oauth-authorization-server',
        authenticationMethod,
      })
      const token = await client.clientCredentials({ scope: ['passes:read'] })
      expect(await passesWith(token.accessToken)).toBe(200)
      expect(await client.introspect(token)).toMatchObject({ active: true, scope: 'passes:read' })
      await client.revoke(token)
      expect(await client.introspect(token)).toMatchObject({ active: false })
    },
  )
})

describe('openid-client before 6', () => {
  it.each(['client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const)(
    'walks the whole way by discovery with %s',
    async method => {
      const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
      const jwks = { keys: [await exportJWK(publicKey)] }
      const pass =
        method === 'private_key_jwt' ? (await server.createPass(project, { jwks })).credentials : credentials
      const issuer = await Issuer.discover(server.url)
      const client = new issuer.Client(
        {
          client_id: pass.clientId,
          ...(method === 'private_key_jwt' ? {} : { client_secret: pass.clientSecret }),
          token_endpoint_auth_method: method,
          token_endpoint_auth_signing_alg: 'ES256',
        },
        // Its assertions name the issuer and the endpoint, and a key that has a kid of its own making.
        { keys: [{ ...(await exportJWK(privateKey)), kty: 'EC' }] },
      )
      const token = await client.grant({ grant_type: 'client_credentials' })
      expect(token.token_type).toBe('Bearer')
      expect(await client.introspect(String(token.access_token))).toMatchObject({ active: true })
      await client.revoke(String(token.access_token))
      expect(await client.introspect(String(token.access_token))).toEqual({ active: false })
    },
  )
})

describe('oauth4webapi', () => {
  const insecure = { [oauth4webapi.allowInsecureRequests]: true } as const

  it('takes the metadata, and the answers of all endpoints', async () => {
    const url = new URL(server.url)
    const discovered = await oauth4webapi.discoveryRequest(url, { ...insecure, algorithm: 'oauth2' })
    const as = await oauth4webapi.processDiscoveryResponse(url, discovered)
    const client = { client_id: credentials.clientId }
    const authentication = oauth4webapi.ClientSecretBasic(credentials.clientSecret)
    const response = await oauth4webapi.clientCredentialsGrantRequest(
      as,
      client,
      authentication,
      {},
      insecure,
    )
    const { access_token: token } = await oauth4webapi.processClientCredentialsResponse(as, client, response)
    const introspected = await oauth4webapi.introspectionRequest(as, client, authentication, token, insecure)
    expect(await oauth4webapi.processIntrospectionResponse(as, client, introspected)).toMatchObject({
      active: true,
    })
    await oauth4webapi.processRevocationResponse(
      await oauth4webapi.revocationRequest(as, client, authentication, token, insecure),
    )
    expect(await isActive(server, project, token)).toBe(false)
  })

  it('sends a DPoP proof, reads that the token is not bound by it, and says so', async () => {
    const url = new URL(server.url)
    const as = await oauth4webapi.processDiscoveryResponse(
      url,
      await oauth4webapi.discoveryRequest(url, { ...insecure, algorithm: 'oauth2' }),
    )
    const client: oauth4webapi.Client = { client_id: credentials.clientId }
    const DPoP = oauth4webapi.DPoP(client, await oauth4webapi.generateKeyPair('ES256'))
    const authentication = oauth4webapi.ClientSecretPost(credentials.clientSecret)
    const response = await oauth4webapi.clientCredentialsGrantRequest(
      as,
      client,
      authentication,
      {},
      { ...insecure, DPoP },
    )
    const granted = await oauth4webapi.processClientCredentialsResponse(as, client, response)
    expect(granted.token_type).toBe('bearer')
  })
})

/** Forms as libraries of other languages send them; none of them can be run here. */
describe('the request of', () => {
  const pair = (encode: (value: string) => string) =>
    `Basic ${Buffer.from(`${encode(credentials.clientId)}:${encode(credentials.clientSecret)}`).toString('base64')}`
  const FORM = 'application/x-www-form-urlencoded'
  const posted = () => ({ client_id: credentials.clientId, client_secret: credentials.clientSecret })

  it.each([
    ['golang.org/x/oauth2', () => ({ Authorization: pair(encodeURIComponent) }), () => ({})],
    [
      'requests-oauthlib with include_client_id',
      () => ({ Authorization: pair(value => value) }),
      () => ({ client_id: credentials.clientId }),
    ],
    [
      'Authlib',
      () => ({ Authorization: pair(value => value), Accept: 'application/json' }),
      () => ({ scope: 'passes:read' }),
    ],
    [
      'Spring Security',
      () => ({
        Authorization: pair(encodeURIComponent),
        'Content-Type': `${FORM};charset=UTF-8`,
        Accept: 'application/json;charset=UTF-8',
      }),
      () => ({ scope: 'passes:read read:data' }),
    ],
    [
      'MSAL, which adds parameters',
      () => ({ 'Content-Type': `${FORM};charset=utf-8`, 'x-client-SKU': 'MSAL.Net' }),
      () => ({ ...posted(), scope: 'passes:read', client_info: '1', 'client-request-id': '1' }),
    ],
    [
      'IdentityModel of .NET',
      () => ({ Accept: 'application/json', 'Content-Type': FORM }),
      () => ({ ...posted(), scope: 'passes:read' }),
    ],
    ['the oauth2 gem of Ruby', () => ({ Authorization: pair(value => value), Accept: '*/*' }), () => ({})],
    [
      'curl with --data-urlencode',
      () => ({ 'Content-Type': FORM, Accept: '*/*' }),
      () => ({ ...posted(), scope: '' }),
    ],
    [
      'league/oauth2-client of PHP',
      () => ({ 'Content-Type': FORM }),
      () => ({ ...posted(), redirect_uri: '' }),
    ],
  ])(
    '%s is granted',
    async (_library, headers: () => Record<string, string>, form: () => Record<string, string>) => {
      const answer = await server.http
        .post(TOKEN)
        .type('form')
        .set(headers())
        .send(new URLSearchParams({ ...form(), grant_type: 'client_credentials' }).toString())
      expect([answer.status, answer.body.token_type]).toEqual([200, 'Bearer'])
      expect(answer.body.expires_in).toEqual(expect.any(Number))
      expect(answer.headers['content-type']).toMatch(/^application\/json/)
    },
  )

  it.each([
    ['Authlib, for an hour and to the endpoint', { aud: () => server.url + TOKEN, life: 3600, header: {} }],
    [
      'Nimbus, to the endpoint in a list',
      { aud: () => [server.url + TOKEN], life: 60, header: { typ: 'JWT' } },
    ],
    [
      'MSAL, whose key is named by a thumbprint',
      { aud: () => server.url + TOKEN, life: 600, header: { x5t: 'AAAA', typ: 'JWT' } },
    ],
    [
      'a client of RFC 7523bis',
      { aud: () => server.url, life: 60, header: { typ: 'client-authentication+jwt' } },
    ],
    ['a client that makes up a kid', { aud: () => server.url, life: 60, header: { kid: 'of its own' } }],
  ])('%s is granted for its assertion', async (_library, { aud, life, header }) => {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
    const { credentials: signer } = await server.createPass(project, {
      jwks: { keys: [await exportJWK(publicKey)] },
    })
    const now = Math.floor(Date.now() / 1000)
    const client_assertion = await new SignJWT({ jti: crypto.randomUUID(), aud: aud(), nbf: now })
      .setProtectedHeader({ alg: 'RS256', ...header })
      .setIssuer(signer.clientId)
      .setSubject(signer.clientId)
      .setIssuedAt(now)
      .setExpirationTime(now + life)
      .sign(privateKey)
    const form = { grant_type: 'client_credentials', client_assertion_type: ASSERTION_TYPE, client_assertion }
    const answer = await server.http.post(TOKEN).type('form').send(new URLSearchParams(form).toString())
    expect([answer.status, answer.body.token_type]).toEqual([200, 'Bearer'])
  })
})
