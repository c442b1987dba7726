import { generateChecksummedSecret } from '../../src/platform/checksummed-secret.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

/** A call of the management API with these headers: its status and code. */
async function call(project: TestProject, headers: Record<string, string>) {
  const { status, body } = await server.http.get(`${project.path}/sentinel_passes`).set(headers)
  return [status, body.code]
}

async function newKey(project: TestProject, attributes: object = {}) {
  const { body } = await server.http
    .post(`${project.path}/api_keys`)
    .set('Api-Key', project.apiKey)
    .send({ data: { attributes } })
  return { id: body.data.id, key: body.meta.secretKey }
}

const bearer = (value: string) => ({ Authorization: `Bearer ${value}` })
const OK = [200, undefined]
const UNAUTHENTICATED = [401, 'unauthenticated']
const DISAGREE = [401, 'credentials_disagree']

describe('an API key', () => {
  it('is accepted as Api-Key and as Bearer, in any case of the scheme', async () => {
    const project = await server.createProject()
    expect(await call(project, { 'Api-Key': project.apiKey })).toEqual(OK)
    expect(await call(project, bearer(project.apiKey))).toEqual(OK)
    expect(await call(project, { Authorization: `bearer ${project.apiKey}` })).toEqual(OK)
  })

  it('works at once when it is made', async () => {
    const project = await server.createProject()
    const { key } = await newKey(project)
    expect(await call(project, { 'Api-Key': key })).toEqual(OK)
  })

  it('is refused at the very next call when it is deleted', async () => {
    const project = await server.createProject()
    const { id, key } = await newKey(project)
    expect(await call(project, { 'Api-Key': key })).toEqual(OK)
    await server.http.delete(`${project.path}/api_keys/${id}`).set('Api-Key', project.apiKey)
    expect(await call(project, { 'Api-Key': key })).toEqual(UNAUTHENTICATED)
    expect(await call(project, bearer(key))).toEqual(UNAUTHENTICATED)
  })

  it('can delete itself, and is refused from then on', async () => {
    const project = await server.createProject()
    const { id, key } = await newKey(project)
    const deleted = await server.http.delete(`${project.path}/api_keys/${id}`).set('Api-Key', key)
    expect(deleted.status).toBe(204)
    expect(await call(project, { 'Api-Key': key })).toEqual(UNAUTHENTICATED)
  })

  it('is refused from the moment that it expires', async () => {
    const project = await server.createProject()
    const expiresAt = server.clock.now() + 60_000
    const { key } = await newKey(project, { expiresAt: new Date(expiresAt).toISOString() })
    server.clock.set(expiresAt - 1)
    expect(await call(project, { 'Api-Key': key })).toEqual(OK)
    server.clock.set(expiresAt)
    expect(await call(project, { 'Api-Key': key })).toEqual(UNAUTHENTICATED)
    expect(await call(project, bearer(key))).toEqual(UNAUTHENTICATED)
  })

  it('is refused when it is mistyped or nobody’s', async () => {
    const project = await server.createProject()
    const last = project.apiKey.endsWith('0') ? '1' : '0'
    const mistyped = project.apiKey.slice(0, -1) + last
    for (const key of [mistyped, generateChecksummedSecret('spk_'), 'spk_', 'x', `${project.apiKey}0`])
      expect(await call(project, { 'Api-Key': key })).toEqual(UNAUTHENTICATED)
  })

  it('is not what a pass’s secret is, nor the other way round', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project)
    expect(await call(project, { 'Api-Key': credentials.clientSecret })).toEqual(UNAUTHENTICATED)
    expect(await call(project, bearer(credentials.clientSecret))).toEqual(UNAUTHENTICATED)
  })

  it('is not a pass’s token', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project, { scopes: ['passes:read'] })
    const token = await server.fetchToken(credentials)
    expect(await call(project, { 'Api-Key': token })).toEqual(UNAUTHENTICATED)
  })
})

describe('no credential', () => {
  it('answers 401 with a challenge', async () => {
    const project = await server.createProject()
    const answer = await server.http.get(`${project.path}/sentinel_passes`)
    expect([answer.status, answer.body.code]).toEqual(UNAUTHENTICATED)
    expect(answer.get('WWW-Authenticate')).toMatch(/^Bearer /)
  })

  it.each(['api_key', 'Api-Key', 'access_token', 'session'])(
    'is what a cookie %s is, or a query of that name',
    async name => {
      const project = await server.createProject()
      expect(await call(project, { Cookie: `${name}=${project.apiKey}` })).toEqual(UNAUTHENTICATED)
      const { status } = await server.http
        .get(`${project.path}/sentinel_passes`)
        .query({ [name]: project.apiKey })
      expect(status).toBe(401)
    },
  )
})

describe('Api-Key and Authorization together', () => {
  it('are accepted when both are good and of one project', async () => {
    const project = await server.createProject()
    const { key } = await newKey(project)
    const { credentials } = await server.createPass(project)
    const token = await server.fetchToken(credentials)
    expect(await call(project, { 'Api-Key': project.apiKey, ...bearer(project.apiKey) })).toEqual(OK)
    expect(await call(project, { 'Api-Key': project.apiKey, ...bearer(key) })).toEqual(OK)
    expect(await call(project, { 'Api-Key': project.apiKey, ...bearer(token) })).toEqual(OK)
  })

  it('are refused when either is not good', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project)
    const good = project.apiKey
    const token = await server.fetchToken(credentials)
    const unknown = generateChecksummedSecret('spk_')
    const dead = { 'Api-Key': good, ...bearer(token) }
    server.clock.advance({ seconds: 900 })
    expect(await call(project, dead)).toEqual(UNAUTHENTICATED)
    expect(await call(project, { 'Api-Key': good, ...bearer(unknown) })).toEqual(UNAUTHENTICATED)
    expect(await call(project, { 'Api-Key': unknown, ...bearer(good) })).toEqual(UNAUTHENTICATED)
    expect(await call(project, { 'Api-Key': good, ...bearer('nonsense') })).toEqual(UNAUTHENTICATED)
    expect(await call(project, { 'Api-Key': good, Authorization: 'Basic eDp5' })).toEqual(UNAUTHENTICATED)
  })

  it('are refused when they are of two projects', async () => {
    const [mine, theirs] = [await server.createProject(), await server.createProject()]
    const { credentials } = await server.createPass(theirs, { scopes: ['passes:read'] })
    const token = await server.fetchToken(credentials)
    for (const project of [mine, theirs]) {
      expect(await call(project, { 'Api-Key': mine.apiKey, ...bearer(theirs.apiKey) })).toEqual(DISAGREE)
      expect(await call(project, { 'Api-Key': mine.apiKey, ...bearer(token) })).toEqual(DISAGREE)
    }
  })
})
