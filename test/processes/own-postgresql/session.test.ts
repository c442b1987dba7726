import pg from 'pg'
import { createTenant } from '../../http/tenants.ts'
import { describeUnless } from '../../support/describe-unless.ts'
import { noPgbouncer, type Pgbouncer, startPgbouncer } from '../../support/pgbouncer.ts'
import { noPostgresServer, type PostgresServer, startPostgres } from '../../support/postgresql.ts'
import { startServer } from '../../support/server.ts'
import { placeAt, refusalOf, startOnce } from './support.ts'

/** What an administrator may set for a whole database, and what poolers keep for each of their clients. */
const REPORTED = { DateStyle: 'German, DMY', TimeZone: 'Asia/Kolkata', standard_conforming_strings: 'off' }
const OWN = {
  IntervalStyle: 'sql_standard',
  bytea_output: 'escape',
  extra_float_digits: '-5',
  default_transaction_isolation: 'serializable',
  synchronous_commit: 'off',
}

async function setForAll(server: PostgresServer, settings: Readonly<Record<string, string>>) {
  await server.run('alter database postgres reset all')
  for (const [name, value] of Object.entries(settings))
    await server.run(`alter database postgres set ${name} = '${value}'`)
}

/** Grants, reads and adds up, over the API. */
async function expectAllToWork(url: string): Promise<void> {
  const node = await startServer({ place: placeAt(url) })
  try {
    const { project, pass } = await createTenant(node, 'Set')
    await Promise.all(Array.from({ length: 30 }, () => node.fetchToken(pass.credentials)))
    const read = (what: string) => node.http.get(`${project.path}/${what}`).set('Api-Key', project.apiKey)
    const logs = await read('activity/logs')
    expect(logs.body.total).toBe(31)
    const at = new Date(logs.body.logs[0].started_at).getTime()
    expect(Math.abs(at - node.clock.now())).toBeLessThan(60_000)
    expect((await read('activity/metrics')).body.summary.total_requests).toBe(31)
    expect((await read('sentinel_passes')).status).toBe(200)
    expect((await read('audit_events')).status).toBe(200)
  } finally {
    await node.close()
  }
}

describeUnless(noPostgresServer(), 'the session of a connection', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
    await startOnce(server.url())
  })
  afterAll(() => server.remove())

  it('is set to what statements rely on, whatever the database is set to', async () => {
    await setForAll(server, { ...REPORTED, ...OWN, client_encoding: 'LATIN1' })
    await expectAllToWork(server.url())
  })

  it('in a database that holds LATIN1 alone is refused at the start, with 78 and what to do', async () => {
    await server.run(
      "create database narrow encoding 'LATIN1' template template0 lc_collate 'C' lc_ctype 'C'",
    )
    const { exitCode, message } = await refusalOf(server.url().replace(/postgres$/, 'narrow'))
    expect([exitCode, message]).toEqual([
      78,
      expect.stringMatching(/encoding LATIN1.*createdb --encoding=UTF8/),
    ])
  })
})

describeUnless(noPostgresServer() ?? noPgbouncer(), 'a pgbouncer in transaction mode', () => {
  let server: PostgresServer
  let bouncer: Pgbouncer | undefined
  beforeEach(async () => {
    server = await startPostgres()
  })
  afterEach(async () => {
    await bouncer?.remove()
    await server.remove()
  })

  /** One that has no session of before. */
  const startBouncer = async () => {
    await bouncer?.remove()
    bouncer = await startPgbouncer(server)
    return bouncer
  }

  it('can be between, and leaves nothing of this server to others', async () => {
    await setForAll(server, REPORTED)
    const between = await startBouncer()
    await startOnce(between.url())
    await startOnce(between.url())
    await expectAllToWork(between.url())
    for (const found of await sessionsOfOthers(between)) expect(found).toEqual(FOUND_BY_OTHERS)
  })

  it('is told of at the start, with 78, where only the role can be set to what is relied on', async () => {
    await setForAll(server, { default_transaction_isolation: 'serializable', bytea_output: 'escape' })
    const { exitCode, message } = await refusalOf((await startBouncer()).url())
    expect([exitCode, message]).toEqual([
      78,
      expect.stringContaining(
        "ALTER ROLE … SET bytea_output = 'hex'; ALTER ROLE … SET default_transaction_isolation = 'read committed'",
      ),
    ])
    await setForAll(server, {})
    expect((await refusalOf((await startBouncer()).url('schema=kept'))).message).toContain(
      "ALTER ROLE … SET search_path = 'kept'",
    )
  })
})

const FOUND_BY_OTHERS = {
  date_style: 'German, DMY',
  time_zone: 'Asia/Kolkata',
  strings: 'off',
  timeout: '0',
  path: '"$user", public',
  prepared: 0,
}

/** What others find who come by the same pgbouncer, in each of its sessions. */
async function sessionsOfOthers(bouncer: Pgbouncer): Promise<object[]> {
  const clients = Array.from({ length: 4 }, () => new pg.Client(bouncer.url()))
  try {
    await Promise.all(clients.map(client => client.connect()))
    // All at once, so that each has another one.
    await Promise.all(clients.map(client => client.query('begin')))
    const found = await Promise.all(
      clients.map(client =>
        client.query(
          `select current_setting('DateStyle') as date_style, current_setting('TimeZone') as time_zone,
             current_setting('standard_conforming_strings') as strings, current_setting('statement_timeout') as timeout,
             current_setting('search_path') as path, (select count(*)::int from pg_prepared_statements) as prepared`,
        ),
      ),
    )
    return found.flatMap(({ rows }) => rows)
  } finally {
    await Promise.all(clients.map(client => client.end()))
  }
}
