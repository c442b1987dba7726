import { generateChecksummedSecret } from '../../src/platform/checksummed-secret.ts'
import { createMemoryLogger } from '../support/log.ts'
import { startServer, type TestCredentials, type TestProject, type TestServer } from '../support/server.ts'
import { createTenant } from './tenants.ts'

const { logger, lines } = createMemoryLogger()
const METRICS_TOKEN = 'metrics-token-of-the-test'

let server: TestServer
beforeAll(async () => {
  server = await startServer({ logger, env: { METRICS_TOKEN } })
})
afterAll(() => server.close())

/** All that was shown to the server or by it, and must be in no line of the log. */
const confidential = new Set<string>([METRICS_TOKEN])
function keep(secret: string): string {
  confidential.add(secret)
  return secret
}

function basicOf(id: string, secret: string): string {
  return keep(`Basic ${keep(Buffer.from(`${id}:${keep(secret)}`).toString('base64'))}`)
}

function askOAuth(path: string, Authorization: string, form: object) {
  return server.http.post(`/v1/api/oauth/${path}`).set({ Authorization }).type('form').send(form)
}

/** Grants, introspects and revokes by every way of showing credentials, good and bad. */
async function useOAuth({ clientId, clientSecret }: TestCredentials, apiKey: string): Promise<void> {
  const grant = { grant_type: 'client_credentials' }
  const basic = basicOf(clientId, clientSecret)
  const granted = await askOAuth('token', basic, grant)
  const token = keep(granted.body.access_token)
  const posted = await server.http
    .post('/v1/api/oauth/token')
    .type('form')
    .send({ ...grant, client_id: clientId, client_secret: clientSecret })
  keep(posted.body.access_token)
  const wrong = generateChecksummedSecret('sps_')
  const statuses = [
    granted,
    posted,
    await askOAuth('token', basic, { ...grant, scope: 'not:held' }),
    await askOAuth('token', basicOf(clientId, wrong), grant),
    await askOAuth('token', basicOf('sp_0000000000000000000000', wrong), grant),
    await askOAuth('introspect', basic, { token, endpoint: '/orders' }),
    await askOAuth('introspect', `Bearer ${apiKey}`, { token }),
    await askOAuth('introspect', `Bearer ${keep(generateChecksummedSecret('spk_'))}`, { token }),
    await server.http.get('/v1/api/organizations').set('Authorization', `Bearer ${token}`),
    await server.http.get('/v1/api/organizations').set('Authorization', `Bearer ${keep(`${token}x`)}`),
    await server.http.get('/v1/api/organizations').set('Authorization', basic),
    await askOAuth('revoke', basic, { token }),
  ].map(answer => answer.status)
  expect(statuses).toEqual([200, 200, 400, 401, 401, 200, 200, 401, 403, 401, 401, 200])
}

/** Makes, rotates and fails to make what has a secret. */
async function useManagement({ path, apiKey }: TestProject): Promise<void> {
  const passes = `${path}/sentinel_passes`
  const send = (url: string, body: object | string) =>
    server.http.post(url).set('Api-Key', apiKey).type('json').send(body)
  const made = await send(passes, { sentinelPass: { title: 'Logged agent', passId: 'SP-2030-LOGGED' } })
  const first = keep(made.body.meta.credentials.clientSecret)
  const rotated = await send(`${passes}/${made.body.data.id}/rotate_key`, { gracePeriodSeconds: 60 })
  keep(rotated.body.meta.credentials.clientSecret)
  const key = await send(`${path}/api_keys`, {})
  keep(key.body.meta.secretKey)
  const statuses = [
    made,
    rotated,
    key,
    await send(passes, { sentinelPass: { title: 'Logged agent', passId: 'SP-2030-LOGGED' } }),
    await send(passes, { sentinelPass: { title: first, secret: first } }),
    await send(passes, `{"sentinelPass":{"title":"${first}`),
    await server.http.get('/metrics').set('Authorization', `Bearer ${METRICS_TOKEN}`),
  ].map(answer => answer.status)
  expect(statuses).toEqual([201, 200, 201, 409, 400, 400, 200])
}

/** Has the server fail in the middle of making things, with all that it had to write at hand. */
async function failInside({ path, apiKey }: TestProject, { clientId, clientSecret }: TestCredentials) {
  const { database } = server.deps
  const fail = async (table: string, url: string, body: object) => {
    await database.query(`alter table ${table} rename to ${table}_away`)
    try {
      const answer = await server.http.post(url).set('Api-Key', apiKey).send(body)
      expect([url, answer.status]).toEqual([url, 500])
    } finally {
      await database.query(`alter table ${table}_away rename to ${table}`)
    }
  }
  const newPass = { sentinelPass: { title: 'Never made' } }
  await fail('pass_secrets', `${path}/sentinel_passes`, newPass)
  await fail('audit_events', `${path}/sentinel_passes`, newPass)
  await fail('audit_events', `${path}/api_keys`, {})
  await database.query('alter table activity rename to activity_away')
  try {
    const form = { grant_type: 'client_credentials' }
    const answer = await askOAuth('token', basicOf(clientId, clientSecret), form)
    expect(answer.status).toBe(500)
  } finally {
    await database.query('alter table activity_away rename to activity')
  }
}

it('writes no secret, token, key or Authorization to the log, whatever happens', async () => {
  const { project, pass, token } = await createTenant(server, 'Logged')
  for (const secret of [project.apiKey, token, pass.credentials.clientSecret]) keep(secret)
  const { credentials } = await server.createPass(project, { scopes: ['read'], permissions: [] })
  await useOAuth(credentials, project.apiKey)
  await useManagement(project)
  await failInside(project, credentials)

  const log = lines.join('')
  expect(lines.filter(line => line.includes('"msg":"request"')).length).toBeGreaterThan(20)
  expect(lines.filter(line => line.includes('"err":')).length).toBeGreaterThanOrEqual(4)
  expect(log).toContain('sp_0000000000000000000000')
  expect(confidential.size).toBeGreaterThan(14)
  for (const secret of confidential) expect(log).not.toContain(secret)
  // Nor what a secret or a key is, with its checksum, nor what it is stored as.
  expect(log).not.toMatch(/sp[sk]_[0-9A-Za-z]{20}/)
  expect(log).not.toMatch(/\$argon2/)
})
