import request from 'supertest'
import { createMetricsApp } from '../../src/app.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { createTenant, secretsOf } from './tenants.ts'

const METRICS_TOKEN = 'metrics-token-of-the-test'

let server: TestServer
beforeAll(async () => {
  server = await startServer({ env: { METRICS_TOKEN } })
})
afterAll(() => server.close())

const metrics = async (): Promise<string> => {
  const answer = await server.http.get('/metrics').set('Authorization', `Bearer ${METRICS_TOKEN}`)
  expect(answer.status).toBe(200)
  return answer.text
}

/** The label sets of a metric, without what its buckets add. */
function labelsOf(text: string, name: string): Record<string, string>[] {
  return text
    .split('\n')
    .filter(line => line.startsWith(`${name}{`))
    .map(line =>
      Object.fromEntries([...line.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value])),
    )
}

function grantsIn(text: string, outcome: string, accessLevel: string): number {
  const labels = `{outcome="${outcome}",access_level="${accessLevel}"}`
  const line = text.split('\n').find(one => one.startsWith(`sentinel_pass_grants_total${labels} `))
  return Number(line?.split(' ')[1] ?? 0)
}

/** Runs it with one method of the database replaced. */
async function withBroken(method: 'query' | 'pendingMigrations', value: unknown, run: () => Promise<void>) {
  const { database } = server.deps
  Object.defineProperty(database, method, { value, configurable: true })
  try {
    await run()
  } finally {
    Reflect.deleteProperty(database, method)
  }
}

describe('/health', () => {
  it('says that the process is alive, whatever the database does', async () => {
    await withBroken(
      'query',
      () => Promise.reject(new Error('gone')),
      async () => {
        const answer = await server.http.get('/health')
        expect([answer.status, answer.body]).toEqual([200, { status: 'ok' }])
        expect(answer.headers['cache-control']).toBe('no-store')
      },
    )
  })
})

describe('/ready', () => {
  it('says that every check is met', async () => {
    const answer = await server.http.get('/ready')
    expect(answer.status).toBe(200)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.body).toEqual({
      status: 'ready',
      checks: { running: 'ok', database: 'ok', token_store: 'ok', migrations: 'ok' },
    })
  })

  it('names the check that fails, and not why', async () => {
    const waiting = () => Promise.resolve(['Migration20300101000000'])
    await withBroken('pendingMigrations', waiting, async () => {
      const answer = await server.http.get('/ready')
      expect(answer.status).toBe(503)
      expect(answer.body).toEqual({
        status: 'not_ready',
        checks: { running: 'ok', database: 'ok', token_store: 'ok', migrations: 'failed' },
      })
    })
  })

  it('names a token store that cannot be read', async () => {
    const query = (statement: string) =>
      statement.includes('tokens') ? Promise.reject(new Error('permission denied')) : Promise.resolve([])
    await withBroken('query', query, async () => {
      const answer = await server.http.get('/ready')
      expect([answer.status, answer.body.checks]).toEqual([
        503,
        { running: 'ok', database: 'ok', token_store: 'failed', migrations: 'ok' },
      ])
      expect(answer.text).not.toContain('permission')
    })
  })
})

describe('/metrics', () => {
  it('is shown to METRICS_TOKEN alone', async () => {
    const { project, token } = await createTenant(server, 'Metered')
    const shown = [
      undefined,
      'Bearer',
      'Bearer wrong-metrics-token-of-test',
      METRICS_TOKEN,
      `Basic ${METRICS_TOKEN}`,
    ]
    for (const value of [
      ...shown,
      `Bearer ${project.apiKey}`,
      `Bearer ${token}`,
      `Bearer ${METRICS_TOKEN}x`,
    ]) {
      const answer = await server.http
        .get('/metrics')
        .set(value === undefined ? {} : { Authorization: value })
      expect([value, answer.status, answer.body.code]).toEqual([value, 401, 'unauthenticated'])
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer /)
    }
    const answer = await server.http.get('/metrics').set('Authorization', `Bearer ${METRICS_TOKEN}`)
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(answer.text).toContain('sentinel_pass_http_request_duration_seconds_bucket')
    expect(answer.text).toContain('process_cpu_seconds_total')
  })

  it('is shown openly on a port of its own, with the health', async () => {
    const separate = request(createMetricsApp(server.deps).callback())
    const answer = await separate.get('/metrics')
    expect([answer.status, answer.text.includes('sentinel_pass_grants_total')]).toEqual([200, true])
    expect((await separate.get('/health')).status).toBe(200)
    expect((await separate.get('/ready')).status).toBe(200)
    expect((await separate.get('/v1/api/organizations')).status).toBe(404)
    expect((await separate.post('/v1/api/oauth/token')).status).toBe(404)
  })

  it('has no label that a caller chooses', async () => {
    const tenant = await createTenant(server, 'Unlabelled')
    const marks = Array.from({ length: 20 }, () => crypto.randomUUID())
    for (const mark of marks) {
      await server.http.get(`/${mark}`)
      await server.http.get(`/v1/api/organizations/${mark}?x=${mark}`).set('Api-Key', tenant.project.apiKey)
      await server.http
        .put(`${tenant.project.path}/sentinel_passes/${mark}`)
        .set('Api-Key', tenant.project.apiKey)
      await server.http.get('/health').set('X-Request-Id', mark).set('User-Agent', mark)
      await server.http.propfind(`/${mark}`)
      await server.http
        .post('/v1/api/oauth/token')
        .auth(mark, mark)
        .type('form')
        .send({ grant_type: mark, scope: mark })
    }
    const text = await metrics()
    for (const secret of [...marks, ...secretsOf(tenant)]) expect(text).not.toContain(secret)
    const routes = new Set(
      labelsOf(text, 'sentinel_pass_http_request_duration_seconds_count').map(one => one.route),
    )
    expect(routes).toContain('none')
    expect(routes).toContain('/v1/api/organizations/:orgId')
    expect(routes).toContain('/v1/api/organizations/:orgId/projects/:projectId/sentinel_passes/:id')
  })

  it('counts grants by outcome and access level', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project, { accessLevel: 'premium' })
    const before = await metrics()
    await server.fetchToken(credentials)
    await server.fetchToken(credentials, 'read')
    const ask = (secret: string, form: object) =>
      server.http.post('/v1/api/oauth/token').auth(credentials.clientId, secret).type('form').send(form)
    const grantType = 'client_credentials'
    await ask(credentials.clientSecret, { grant_type: grantType, scope: 'nobody:has' })
    await ask('wrong', { grant_type: grantType })
    await server.http
      .post('/v1/api/oauth/token')
      .auth('sp_unknown', 'x')
      .type('form')
      .send({ grant_type: grantType })
    const after = await metrics()
    const counted = (outcome: string, level: string) =>
      grantsIn(after, outcome, level) - grantsIn(before, outcome, level)
    expect(counted('granted', 'premium')).toBe(2)
    expect(counted('invalid_scope', 'premium')).toBe(1)
    expect(counted('invalid_client', 'premium')).toBe(1)
    expect(counted('invalid_client', 'unknown')).toBe(1)
  })

  it('counts a request under the pattern of its route, its method and its status', async () => {
    const count = (text: string) =>
      Number(
        /duration_seconds_count\{method="GET",route="\/health",status="200"\} (\d+)/.exec(text)?.[1] ?? 0,
      )
    const before = count(await metrics())
    await server.http.get('/health')
    await server.http.get('/health')
    expect(count(await metrics()) - before).toBe(2)
  })
})

it('shows no metrics where neither a token nor a port is set', async () => {
  const bare = await startServer()
  try {
    for (const value of ['Bearer undefined', 'Bearer ', 'Bearer']) {
      const answer = await bare.http.get('/metrics').set('Authorization', value)
      expect([value, answer.status]).toEqual([value, 401])
    }
  } finally {
    await bare.close()
  }
})

it('serves no metrics on the public port where they have a port of their own', async () => {
  const separate = await startServer({ env: { METRICS_PORT: '9464', METRICS_TOKEN } })
  try {
    const answer = await separate.http.get('/metrics').set('Authorization', `Bearer ${METRICS_TOKEN}`)
    expect(answer.status).toBe(404)
  } finally {
    await separate.close()
  }
})
