import { gzipSync } from 'node:zlib'
import { startServer, type TestCredentials, type TestProject, type TestServer } from '../support/server.ts'
import {
  activityOf,
  basic,
  INTROSPECT,
  introspectWithKey,
  isActive,
  manage,
  REVOKE,
  requestToken,
  sendForm,
  TOKEN,
} from './oauth-requests.ts'

const GRANT = { grant_type: 'client_credentials' }
const FORM = 'application/x-www-form-urlencoded'

let server: TestServer
let project: TestProject
let credentials: TestCredentials
beforeAll(async () => {
  server = await startServer()
  project = await server.createProject()
  credentials = (await server.createPass(project)).credentials
})
afterAll(() => server.close())

const pair = () => Buffer.from(`${credentials.clientId}:${credentials.clientSecret}`).toString('base64')

describe('Authorization: Basic', () => {
  it.each(['Basic  ', 'Basic     ', 'basic ', 'BASIC  '])(
    'is taken as %j and the credentials',
    async scheme => {
      const headers = { Authorization: scheme + pair() }
      expect((await sendForm(server, TOKEN, GRANT, headers)).status).toBe(200)
      expect(
        (await sendForm(server, TOKEN, { ...GRANT, resource: server.deps.config.apiBaseUrl }, headers))
          .status,
      ).toBe(200)
      expect((await sendForm(server, INTROSPECT, { token: 'x' }, headers)).status).toBe(200)
      expect((await sendForm(server, REVOKE, { token: 'x' }, headers)).status).toBe(200)
    },
  )
})

describe('an Authorization of another scheme', () => {
  it.each([INTROSPECT, REVOKE])('is answered with what counts at %s, and is on record', async path => {
    const agent = (await server.createPass(project)).credentials
    const token = await server.fetchToken(agent)
    const answer = await sendForm(server, path, { token }, { Authorization: `Bearer ${token}` })

    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client'])
    expect(answer.body.error_description).toMatch(
      /client_id and client_secret.*client_assertion.*API key as Bearer/,
    )
    expect(answer.headers['www-authenticate']).toBe(
      `Basic realm="${server.url}", Bearer realm="${server.url}", error="invalid_token"`,
    )
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(await isActive(server, project, token)).toBe(true)
    const rows = await activityOf(server, project, agent.agentUserId, { activity_type: 'api_request' })
    expect(rows).toMatchObject([{ endpoint: path, http_method: 'POST', status_code: 401, success: false }])
  })

  it.each(['Bearer unknown', 'Bearer', 'Digest username="x"', 'DPoP x'])(
    'is no client: %s',
    async Authorization => {
      for (const path of [TOKEN, INTROSPECT, REVOKE]) {
        const answer = await sendForm(server, path, { ...GRANT, token: 'x' }, { Authorization })
        expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client'])
        expect(answer.headers['www-authenticate']).toContain(`Basic realm="${server.url}"`)
      }
    },
  )

  it('is no way to a token either', async () => {
    const Authorization = `Bearer ${await server.fetchToken(credentials)}`
    const answer = await sendForm(server, TOKEN, GRANT, { Authorization })
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client'])
    expect(answer.headers['www-authenticate']).toBe(`Basic realm="${server.url}"`)
  })

  it('beside a good secret is one credential too many', async () => {
    const posted = { client_id: credentials.clientId, client_secret: credentials.clientSecret }
    const answer = await sendForm(server, TOKEN, { ...GRANT, ...posted }, { Authorization: 'Bearer x' })
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request'])
  })
})

describe('a form', () => {
  const padded = (count: number): [string, string][] =>
    Array.from({ length: count }, (_, index) => [`x${index}`, ''])

  it('with more parameters than are read is refused, not read in part', async () => {
    const grant: [string, string][] = [...Object.entries(GRANT), ...padded(999), ['scope', 'read']]
    for (const path of [TOKEN, INTROSPECT, REVOKE]) {
      const answer = await sendForm(server, path, grant, basic(credentials))
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request'])
      expect(answer.body.error_description).toContain('1000 parameters')
    }
  })

  it('with just as many is read whole', async () => {
    const grant: [string, string][] = [...Object.entries(GRANT), ...padded(998), ['scope', 'read']]
    const answer = await sendForm(server, TOKEN, grant, basic(credentials))
    expect([answer.status, answer.body.scope]).toEqual([200, 'read'])
  })

  it.each([TOKEN, INTROSPECT, REVOKE])('in a content coding is refused as such at %s', async path => {
    const packed = gzipSync(new URLSearchParams({ ...GRANT, token: 'x' }).toString())
    const headers = { ...basic(credentials), 'Content-Type': FORM, 'Content-Encoding': 'gzip' }
    const answer = await server.http.post(path).set(headers).send(packed)
    expect([answer.status, answer.body.error]).toEqual([415, 'invalid_request'])
    expect(answer.body.error_description).toContain('Content-Encoding')
  })

  it('of people is held to the same', async () => {
    const page = '/v1/api/oauth/sign-in/x'
    const many = new URLSearchParams(padded(1001)).toString()
    expect((await server.http.post(page).type('form').send(many)).status).toBe(400)
    const packed = server.http.post(page).set({ 'Content-Type': FORM, 'Content-Encoding': 'gzip' })
    expect((await packed.send(gzipSync('email=x'))).status).toBe(415)
  })
})

describe('a query', () => {
  it.each([
    ['scope', 'read'],
    ['resource', 'https://api.example.com'],
    ['audience', 'https://api.example.com'],
    ['authorization_details', '[]'],
    ['client_secret', 'sps_x'],
  ])('that would narrow a grant is refused, not passed over: %s', async (name, value) => {
    const query = new URLSearchParams({ [name]: value })
    const answer = await sendForm(server, `${TOKEN}?${query}`, GRANT, basic(credentials))
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request'])
    expect(answer.body.error_description).toContain(`${name} must be sent in the body`)
    expect(answer.text).not.toContain(value)
  })

  it('of the client\u2019s own is retained by it and means nothing here (RFC 6749 section 3.2)', async () => {
    expect((await sendForm(server, `${TOKEN}?api-version=2`, GRANT, basic(credentials))).status).toBe(200)
  })

  it('with more parameters than are read is refused', async () => {
    const query = `${'x=1&'.repeat(1000)}search=nobody`
    const answer = await server.http
      .get(`${project.path}/sentinel_passes?${query}`)
      .set('Api-Key', project.apiKey)
    expect([answer.status, answer.body.code]).toEqual([400, 'malformed_request'])
    expect(answer.body.detail).toContain('1000 parameters')
  })
})

describe('the answer to a revocation', () => {
  it.each(['a pass', 'an API key'])('is JSON that says nothing, to %s', async caller => {
    const token = await server.fetchToken(credentials)
    const headers = caller === 'a pass' ? basic(credentials) : { Authorization: `Bearer ${project.apiKey}` }
    for (const value of [token, token, 'unknown']) {
      const answer = await sendForm(server, REVOKE, { token: value }, headers)
      expect([answer.status, answer.text]).toEqual([200, '{}'])
      expect(answer.headers['content-type']).toMatch(/^application\/json/)
    }
    expect((await introspectWithKey(server, project, token)).body).toEqual({ active: false })
  })
})

it('says no more of a secret that was rotated out than of an unknown client, at the first try', async () => {
  const { id, credentials: old } = await server.createPass(project)
  await server.fetchToken(old)
  await manage(server, project, 'post', `${id}/rotate_key`)
  const refused = await requestToken(server, old)
  const unknown = await requestToken(server, { ...old, clientId: 'sp_0123456789ABCDEFGHIJKL' })
  expect([refused.status, refused.body]).toEqual([unknown.status, unknown.body])
})
