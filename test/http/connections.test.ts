import pg from 'pg'
import { createPlace, currentBackend, postgresUrl, type TestPlace } from '../support/backend.ts'
import { describeUnless } from '../support/describe-unless.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { createTenant, type Tenant } from './tenants.ts'

const embedded =
  currentBackend() === 'pglite' ? 'The embedded database has one connection for everything' : undefined

describeUnless(embedded, 'the connections to PostgreSQL', () => {
  let server: TestServer
  let tenant: Tenant
  beforeAll(async () => {
    // Of 5, two are for commits, one for costly reads and two for all else.
    server = await startServer({ env: { DATABASE_POOL: '5' }, answerTimeoutMs: 1_500 })
    tenant = await createTenant(server, 'Pools')
  })
  afterAll(() => server.close())

  const readLog = (of = server) =>
    of.http.get(`${tenant.project.path}/activity/logs`).set('Api-Key', tenant.project.apiKey)
  const readPass = (of = server) =>
    of.http
      .get(`${tenant.project.path}/sentinel_passes/${tenant.pass.id}`)
      .set('Api-Key', tenant.project.apiKey)

  it('leave a commit its own while all others are in use', async () => {
    const { database } = server.deps
    const holders = [database.em(), database.em()]
    await Promise.all(holders.map(holder => holder.begin()))
    try {
      await Promise.all(holders.map(holder => holder.execute('select 1')))
      expect(await server.fetchToken(tenant.pass.credentials)).toMatch(/^spt_/)
    } finally {
      await Promise.all(holders.map(holder => holder.rollback()))
    }
  })

  it('have requests answered while costly reads take as long as they may, and these told to ask for less', async () => {
    const { location } = server.place
    const holder = new pg.Client('url' in location ? location.url : '')
    await holder.connect()
    try {
      // Whoever reads the log waits for this, as for a statement that has much to do.
      await holder.query('begin; lock table activity in access exclusive mode')
      const logs = Array.from({ length: 3 }, () => readLog().then(answer => answer))
      const first = await Promise.race([...logs, readPass()])
      expect([first.status, first.body.data?.id]).toEqual([200, tenant.pass.id])
      for (const { status, body } of await Promise.all(logs)) {
        expect([status, body.code]).toEqual([422, 'read_too_long'])
        expect(body.detail).toMatch(/Narrow the range/)
      }
    } finally {
      await holder.end()
    }
    expect((await readLog()).status).toBe(200)
  })
})

describeUnless(embedded, 'a PostgreSQL that has no further connection to give', () => {
  const role = `sentinel_pass_test_${process.pid}_${crypto.randomUUID().slice(0, 8)}`
  let place: TestPlace
  let server: TestServer
  let tenant: Tenant
  beforeAll(async () => {
    place = await createPlace()
    const url = new URL('url' in place.location ? place.location.url : '')
    await administer(`create role ${role} login password 'proved' connection limit 4`)
    await administer(
      `grant usage, create on schema public to ${role}; grant all on all tables in schema public to ${role};
       grant all on all sequences in schema public to ${role}`,
      url.href,
    )
    Object.assign(url, { username: role, password: 'proved' })
    const location = { url: url.href }
    server = await startServer({ place: { ...place, location }, env: { DATABASE_POOL: '40' } })
    tenant = await createTenant(server, 'Few')
  })
  afterAll(async () => {
    await server.close()
    await place.remove()
    await administer(`drop role ${role}`)
  })

  it('has requests wait for those that there are, and fails none', async () => {
    const project = `${tenant.project.path}/sentinel_passes`
    const ask = () => server.http.get(project).set('Api-Key', tenant.project.apiKey)
    const grant = () => server.fetchToken(tenant.pass.credentials)
    const [answers, tokens] = await Promise.all([
      Promise.all(Array.from({ length: 40 }, ask)),
      Promise.all(Array.from({ length: 20 }, grant)),
    ])
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(tokens).size).toBe(20)
    expect(server.deps.database.pool.totalCount).toBe(4)
  })
})

async function administer(statement: string, connectionString = postgresUrl()): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
