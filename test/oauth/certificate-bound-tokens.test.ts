import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose'
import * as oidc from 'openid-client'
import { AGENT_CERTIFICATE, OTHER_CERTIFICATE } from '../support/certificates.ts'
import { startServer, type TestPass, type TestProject, type TestServer } from '../support/server.ts'
import { Browser, beginSignIn, createUser, discoverConsole, PASSWORD } from '../support/sign-in.ts'
import * as requests from './oauth-requests.ts'

const { header: CERTIFICATE, thumbprint } = AGENT_CERTIFICATE
const CONFIRMATION = { 'x5t#S256': thumbprint }

describe.each([
  ['the short way', 'on'],
  ['the library', 'off'],
])('a token that %s grants (RFC 8705 section 3)', (_way, PLAIN_GRANTS) => {
  let server: TestServer
  let project: TestProject
  let byLibrary = 0
  beforeAll(async () => {
    server = await startServer({ env: { TRUST_PROXY: 'loopback', PLAIN_GRANTS } })
    project = await server.createProject()
    server.deps.oauth.provider.on('grant.success', () => {
      byLibrary += 1
    })
  })
  afterAll(() => server.close())

  /** A token of a pass that the process knows: the short way is for no other. */
  async function granted(tokenFormat: string, headers: Record<string, string>) {
    const pass = await server.createPass(project, { tokenFormat })
    await server.fetchToken(pass.credentials)
    byLibrary = 0
    const { status, body } = await requests.requestToken(server, pass.credentials, {}, headers)
    expect([status, byLibrary]).toEqual([200, PLAIN_GRANTS === 'on' ? 0 : 1])
    const { access_token: token, ...rest } = body
    expect(rest).toEqual({ token_type: 'Bearer', expires_in: 900, scope: 'read write' })
    return { pass, token }
  }

  /** What the row of the latest grant says. */
  async function recorded({ credentials }: TestPass): Promise<unknown> {
    const filter = { activity_type: 'token_generation' }
    const rows = await requests.activityOf(server, project, credentials.agentUserId, filter)
    return rows.at(-1)?.metadata
  }

  it.each(['opaque', 'jwt'])('is bound to the certificate that it was asked for with: %s', async format => {
    const { pass, token } = await granted(format, CERTIFICATE)
    for (const { body } of [
      await requests.introspect(server, pass.credentials, token),
      await requests.introspectWithKey(server, project, token),
    ])
      expect(body).toMatchObject({ active: true, token_type: 'Bearer', cnf: CONFIRMATION })
    expect(await recorded(pass)).toMatchObject({ certificate_thumbprint: thumbprint })
  })

  it('is bound by what is signed in it, for who checks it without this server', async () => {
    const { token } = await granted('jwt', CERTIFICATE)
    const keys: JSONWebKeySet = (await server.http.get('/.well-known/jwks.json')).body
    const options = { issuer: server.url, typ: 'at+jwt', currentDate: server.clock.date() }

    expect((await jwtVerify(token, createLocalJWKSet(keys), options)).payload.cnf).toEqual(CONFIRMATION)
  })

  it.each(['opaque', 'jwt'])('is bound to nothing when it was asked for without: %s', async format => {
    const { pass, token } = await granted(format, {})
    const { body } = await requests.introspectWithKey(server, project, token)

    expect(body.active).toBe(true)
    expect(body).not.toHaveProperty('cnf')
    expect(await recorded(pass)).not.toHaveProperty('certificate_thumbprint')
    if (format === 'jwt') expect(decodeJwt(token)).not.toHaveProperty('cnf')
  })
})

describe('where a proxy tells of certificates', () => {
  let server: TestServer
  let project: TestProject
  beforeAll(async () => {
    server = await startServer({ env: { TRUST_PROXY: 'loopback' } })
  })
  afterAll(() => server.close())
  beforeEach(async () => {
    project = await server.createProject()
  })

  /** A bound token that this server's API takes, with its pass. */
  async function boundToken(tokenFormat = 'opaque') {
    const pass = await server.createPass(project, { tokenFormat, scopes: ['passes:read', 'activity:read'] })
    const resource = pass.credentials.apiBaseUrl
    const answer = await requests.requestToken(server, pass.credentials, { resource }, CERTIFICATE)
    const token: string = answer.body.access_token
    return { pass, token }
  }

  const get = (path: string, token: string, headers: Record<string, string> = {}) =>
    server.http
      .get(path)
      .set({ Authorization: `Bearer ${token}`, ...headers })
      .then(answer => answer)
  const listPasses = (token: string, headers: Record<string, string> = {}) =>
    get(`${project.path}/sentinel_passes`, token, headers)

  it.each(['opaque', 'jwt'])('the API takes a bound token with its certificate: %s', async format => {
    const { pass, token } = await boundToken(format)
    const logs = `/v1/api/oauth/agent/activity/logs?agent_user_id=${pass.credentials.agentUserId}`

    expect((await listPasses(token, CERTIFICATE)).status).toBe(200)
    expect((await get(logs, token, CERTIFICATE)).status).toBe(200)
  })

  it.each([
    ['none', 'opaque', {}],
    ['none', 'jwt', {}],
    ['another one', 'opaque', OTHER_CERTIFICATE.header],
    ['another one', 'jwt', OTHER_CERTIFICATE.header],
  ])('the API refuses a bound token with %s, on record: %s', async (shown, format, headers) => {
    const { pass, token } = await boundToken(format)
    const answer = await listPasses(token, headers)
    const calls = { activity_type: 'api_request' }
    const rows = await requests.activityOf(server, project, pass.credentials.agentUserId, calls)

    expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated'])
    expect(answer.body.detail).toContain('bound to a client certificate')
    expect(answer.body.detail).toContain(`came with ${shown}`)
    expect(answer.headers['www-authenticate']).toContain('error="invalid_token"')
    expect(rows).toMatchObject([{ status_code: 401, success: false }])
  })

  it('an API key does not make up for the certificate of a bound token beside it', async () => {
    const { token } = await boundToken()
    const both = { 'Api-Key': project.apiKey, Authorization: `Bearer ${token}` }
    const introspected = (headers: Record<string, string>) =>
      requests.sendForm(server, requests.INTROSPECT, { token }, { ...both, ...headers })

    for (const send of [(headers: Record<string, string>) => listPasses(token, headers), introspected]) {
      expect((await send(both)).status).toBe(401)
      expect((await send({ ...both, ...CERTIFICATE })).status).toBe(200)
    }
  })

  it('a resource server introspects a bound token without its certificate, or with its own', async () => {
    const { pass, token } = await boundToken()
    for (const headers of [{}, OTHER_CERTIFICATE.header]) {
      const { body } = await requests.introspect(server, pass.credentials, token, {}, headers)
      expect(body).toMatchObject({ active: true, cnf: CONFIRMATION })
    }
  })

  it('a pass revokes its bound token without the certificate', async () => {
    const { pass, token } = await boundToken()
    const caller = requests.basic(pass.credentials)

    expect((await requests.sendForm(server, requests.REVOKE, { token }, caller)).status).toBe(200)
    expect(await requests.isActive(server, project, token)).toBe(false)
  })

  it('the API takes an unbound token with any certificate and without', async () => {
    const { credentials } = await server.createPass(project, { scopes: ['passes:read'] })
    const token = await server.fetchToken(credentials)
    for (const headers of [{}, CERTIFICATE, OTHER_CERTIFICATE.header])
      expect((await listPasses(token, headers)).status).toBe(200)
  })

  it('the token of a person is bound to nothing', async () => {
    const { email } = await createUser(server)
    const client = await discoverConsole(server)
    client[oidc.customFetch] = (url, { method, headers, body = null }) =>
      fetch(url, { method, body, headers: { ...headers, ...CERTIFICATE } })
    const { url, finish } = await beginSignIn(server, client)
    const browser = new Browser()
    const page = await browser.follow(url)
    const { url: callback } = await browser.submit(page.url, { email, password: PASSWORD, code: '' })

    expect((await get('/v1/api/me', (await finish(callback)).access_token)).status).toBe(200)
  })

  it('the metadata says that tokens can be bound (RFC 8705 section 3.3)', async () => {
    const { body } = await server.http.get('/.well-known/oauth-authorization-server')
    expect(body.tls_client_certificate_bound_access_tokens).toBe(true)
  })
})
