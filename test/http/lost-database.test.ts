import { createPlace, currentBackend, type TestPlace } from '../support/backend.ts'
import { describeUnless } from '../support/describe-unless.ts'
import { type Line, lineTo } from '../support/line.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { createTenant, type Tenant } from './tenants.ts'

const noPostgres =
  currentBackend() === 'pglite'
    ? 'The embedded database is part of the process, not to be lost to it'
    : undefined

describeUnless(noPostgres, 'a PostgreSQL that is lost', () => {
  let place: TestPlace
  let behindTheLine: TestPlace
  let line: Line
  let server: TestServer
  let tenant: Tenant
  beforeAll(async () => {
    place = await createPlace()
    const url = new URL('url' in place.location ? place.location.url : '')
    line = await lineTo(url.hostname, Number(url.port || 5432))
    url.host = `127.0.0.1:${line.port}`
    behindTheLine = { ...place, location: { url: url.href }, remove: async () => {} }
    server = await startServer({ place: behindTheLine })
    tenant = await createTenant(server, 'Lost')
  })
  afterAll(async () => {
    if (!line.isOpen()) await line.mend()
    await server.close()
    await line.cut()
    await place.remove()
  })

  const waitingForLocks = async ({ deps }: TestServer): Promise<number> => {
    const rows = await deps.database.query(
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    )
    return rows.length
  }
  const askApi = (path: string, of = server) => of.http.get(path).set('Api-Key', tenant.project.apiKey)
  const askToken = (of = server) => {
    const { clientId, clientSecret } = tenant.pass.credentials
    const form = { grant_type: 'client_credentials' }
    return of.http.post('/v1/api/oauth/token').auth(clientId, clientSecret).type('form').send(form)
  }

  it('is answered with 503, and all is well when it is back', async () => {
    await line.cut()
    for (const path of [tenant.project.path, `${tenant.project.path}/sentinel_passes`]) {
      const api = await askApi(path)
      expect([path, api.status, api.body.code]).toEqual([path, 503, 'service_unavailable'])
      expect(api.headers['retry-after']).toMatch(/^[1-9]\d*$/)
      expect(api.text).not.toMatch(/ECONN|127\.0\.0\.1/)
    }
    const refused = await askToken()
    expect([refused.status, refused.body.error]).toEqual([503, 'temporarily_unavailable'])
    const ready = await server.http.get('/ready')
    expect([ready.status, ready.body.checks]).toEqual([
      503,
      { running: 'ok', database: 'failed', token_store: 'failed', migrations: 'failed' },
    ])
    expect((await server.http.get('/health')).status).toBe(200)

    await line.mend()
    expect((await askToken()).status).toBe(200)
    expect((await askApi(tenant.project.path)).status).toBe(200)
    expect((await server.http.get('/ready')).status).toBe(200)
  })

  it('that does not answer any more has /ready say so, rather than wait', async () => {
    line.hang()
    const { status, body } = await server.http.get('/ready')
    expect([status, body.checks.database]).toEqual([503, 'failed'])
    await line.cut()
    await line.mend()
    expect((await server.http.get('/ready')).status).toBe(200)
  })
  it('that does not answer any more is given up on in time, and is well again when another answers', async () => {
    const impatient = await startServer({ place: behindTheLine, answerTimeoutMs: 1000 })
    try {
      line.hang()
      const refused = await askToken(impatient)
      expect([refused.status, refused.body.error]).toEqual([503, 'temporarily_unavailable'])
      await line.cut()
      await line.mend()
      expect((await askToken(impatient)).status).toBe(200)
      expect((await askApi(tenant.project.path, impatient)).status).toBe(200)
    } finally {
      await impatient.close()
    }
  })

  it('that is lost in the middle of acts leaves their connections for those that come after', async () => {
    const behind = await startServer({ place: behindTheLine })
    const direct = await startServer({ place })
    const holder = direct.deps.database.em()
    const change = () =>
      behind.http
        .put(`${tenant.project.path}/sentinel_passes/${tenant.pass.id}`)
        .set('Api-Key', tenant.project.apiKey)
        .send({ sentinelPass: { description: 'changed' } })
        .then(({ status }) => status)
    await holder.begin()
    try {
      await holder.execute('select 1 from passes where id = ? for update', [tenant.pass.id])
      const acts = Promise.all(Array.from({ length: 5 }, change))
      while ((await waitingForLocks(direct)) < 5) await new Promise(resolve => setImmediate(resolve))
      await line.cut()
      expect(await acts).toEqual([503, 503, 503, 503, 503])
      expect(behind.deps.database.pool.totalCount).toBe(0)
    } finally {
      await holder.rollback()
      if (!line.isOpen()) await line.mend()
    }
    expect(await change()).toBe(200)
    await behind.close()
    await direct.close()
  })

  it('that waits for a lock gives the statement up, and does nothing of it later', async () => {
    const impatient = await startServer({ place, answerTimeoutMs: 1000 })
    const holder = server.deps.database.em()
    await holder.begin()
    try {
      await holder.execute('select 1 from passes where id = ? for update', [tenant.pass.id])
      const { status } = await impatient.http
        .post(`${tenant.project.path}/sentinel_passes/${tenant.pass.id}/revoke`)
        .set('Api-Key', tenant.project.apiKey)
      expect(status).toBe(503)
      expect(await waitingForLocks(impatient)).toBe(0)
    } finally {
      await holder.rollback()
      await impatient.close()
    }
    const pass = await askApi(`${tenant.project.path}/sentinel_passes/${tenant.pass.id}`)
    expect(pass.body.data.attributes.active).toBe(true)
  })
})
