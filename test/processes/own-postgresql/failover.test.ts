import { createTenant, type Tenant } from '../../http/tenants.ts'
import { describeUnless } from '../../support/describe-unless.ts'
import { lineTo } from '../../support/line.ts'
import { noPostgresServer, type PostgresServer, startPostgres } from '../../support/postgresql.ts'
import { until } from '../../support/process.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { placeAt, refusalOf, startOnce } from './support.ts'

describeUnless(noPostgresServer(), 'a primary that takes no writes any more', () => {
  let primary: PostgresServer
  let standby: PostgresServer
  let node: TestServer | undefined
  let tenant: Tenant
  beforeEach(async () => {
    primary = await startPostgres()
    await startOnce(primary.url())
    standby = await startPostgres({ copyOf: primary })
  })
  afterEach(async () => {
    await node?.close()
    node = undefined
    await standby.remove()
    await primary.remove()
  })

  const startOn = async (url: string): Promise<TestServer> => {
    const started = await startServer({ place: placeAt(url) })
    node = started
    tenant = await createTenant(started, 'Failover')
    return started
  }
  const grant = async ({ http }: TestServer) => {
    const { clientId, clientSecret } = tenant.pass.credentials
    const form = { grant_type: 'client_credentials' }
    return http.post('/v1/api/oauth/token').auth(clientId, clientSecret).type('form').send(form)
  }
  const create = async ({ http }: TestServer) =>
    http
      .post(`${tenant.project.path}/sentinel_passes`)
      .set('Api-Key', tenant.project.apiKey)
      .send({ sentinelPass: { title: 'Another' } })
  /** Every connection that a burst needs: each of them was there before. */
  const openAll = (of: TestServer) => Promise.all(Array.from({ length: 20 }, () => create(of)))
  const closeToWrites = async () => {
    await primary.run('alter system set default_transaction_read_only = on')
    await primary.run('select pg_reload_conf()')
    await until(async () => {
      const [row] = await primary.run<{ closed: boolean }>(
        "select current_setting('transaction_read_only') = 'on' as closed",
      )
      return row?.closed === true
    }, 'closed to writes')
  }
  /** A session looks at its settings when it is about to wait, so that one may still take a write. */
  const firstRefusal = (ask: () => Promise<{ readonly status: number }>) =>
    until(async () => {
      const { status } = await ask()
      expect([200, 201, 503]).toContain(status)
      return status === 503
    }, 'refused')
  const openToWrites = async () => {
    await primary.run('alter system reset default_transaction_read_only')
    await primary.run('select pg_reload_conf()')
  }
  const promote = async () => {
    const [at] = await primary.run<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn')
    await until(async () => {
      const [row] = await standby.run<{ done: boolean }>(
        `select pg_last_wal_replay_lsn() >= '${at?.lsn}'::pg_lsn as done`,
      )
      return row?.done === true
    }, 'the standby has all')
    await standby.run('select pg_promote()')
  }

  it('is answered with 503 and Retry-After, /ready says so, and all is well when it does again', async () => {
    const server = await startOn(primary.url())
    await openAll(server)
    await closeToWrites()
    await firstRefusal(() => grant(server))
    for (const answer of [await grant(server), await create(server), await grant(server)]) {
      expect(answer.status).toBe(503)
      expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/)
    }
    expect((await server.http.get('/ready')).status).toBe(503)
    await openToWrites()
    await until(async () => (await grant(server)).status === 200, 'granted again')
    expect((await create(server)).status).toBe(201)
    expect((await server.http.get('/ready')).status).toBe(200)
  })

  it('behind an address that leads to the new one is left at the first refusal, by all connections', async () => {
    const line = await lineTo('127.0.0.1', primary.port)
    const server = await startOn(`postgres://postgres@127.0.0.1:${line.port}/postgres`)
    try {
      await openAll(server)
      await promote()
      await closeToWrites()
      line.leadTo(standby.port)
      await firstRefusal(() => create(server))
      const then = [...(await openAll(server)), await grant(server), await grant(server)]
      expect(new Set(then.map(({ status }) => status))).toEqual(new Set([201, 200]))
    } finally {
      await server.close()
      node = undefined
      await line.cut()
    }
  })

  it('among several hosts is left for the one that does', async () => {
    const hosts = `127.0.0.1:${primary.port},127.0.0.1:${standby.port}`
    const server = await startOn(`postgres://postgres@${hosts}/postgres`)
    await openAll(server)
    await promote()
    await closeToWrites()
    await firstRefusal(() => grant(server))
    const then = [...(await openAll(server)), await grant(server)]
    expect(new Set(then.map(({ status }) => status))).toEqual(new Set([201, 200]))
  })

  it('that is lost, among several hosts, is left for the standby once that is promoted', async () => {
    const hosts = `127.0.0.1:${primary.port},127.0.0.1:${standby.port}`
    const server = await startOn(`postgres://postgres@${hosts}/postgres`)
    await openAll(server)
    await promote()
    await primary.stop()
    await until(async () => (await grant(server)).status === 200, 'granted again')
    expect((await create(server)).status).toBe(201)
  })

  it('is refused at the start, and so is a standby, with 75', async () => {
    expect(await refusalOf(standby.url())).toMatchObject({
      exitCode: 75,
      message: expect.stringContaining(`127.0.0.1:${standby.port} takes no writes`),
    })
  })
})
