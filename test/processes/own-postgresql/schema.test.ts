import { createTenant } from '../../http/tenants.ts'
import { describeUnless } from '../../support/describe-unless.ts'
import { noPostgresServer, type PostgresServer, startPostgres } from '../../support/postgresql.ts'
import { runScript, SECRET_KEY } from '../../support/process.ts'
import { startServer } from '../../support/server.ts'
import { placeAt, refusalOf, startOnce } from './support.ts'

describeUnless(noPostgresServer(), 'tables that are anywhere but in public', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
    await server.run(`revoke create on schema public from public;
      create role owned login; create schema authorization owned;
      create role pathed login; create schema "Passes of all" authorization pathed;
      alter role pathed set search_path = "Passes of all";
      create role named login; grant create on database postgres to named; create role lost login`)
  })
  afterAll(() => server.remove())

  const tablesIn = async (schema: string) =>
    (
      await server.run<{ name: string }>(
        `select relname as name from pg_class where relkind in ('r', 'p') and relnamespace = '"${schema}"'::regnamespace`,
      )
    ).map(({ name }) => name)

  it.each([
    ['the schema of the role', 'owned', '', 'owned'],
    ["the role's search_path", 'pathed', '', 'Passes of all'],
    ['schema in the address, which is made', 'named', 'schema=kept', 'kept'],
  ])('are where %s has them, at a second start and for each command', async (_what, role, query, schema) => {
    const url = server.url(query, '127.0.0.1', role)
    await startOnce(url)
    await startOnce(url)
    const env = { DATABASE_URL: url, SECRET_KEY, LOG_LEVEL: 'warn' }
    expect(await runScript(['src/migrate.ts'], env)).toMatchObject({ code: 0 })
    const bootstrap = await runScript(['src/command-line/bootstrap.ts', '--json'], env)
    expect([bootstrap.code, JSON.parse(bootstrap.stdout)]).toMatchObject([0, { created: true }])

    const node = await startServer({ place: placeAt(url), env: { SECRET_KEY } })
    try {
      const { project, token } = await createTenant(node, 'Elsewhere')
      expect(token).toMatch(/^spt_/)
      const read = (what: string) => node.http.get(`${project.path}/${what}`).set('Api-Key', project.apiKey)
      expect((await read('activity/logs')).body.total).toBe(1)
      expect((await read('activity/metrics')).body.summary.total_requests).toBe(1)
      expect((await node.http.get('/ready')).status).toBe(200)
    } finally {
      await node.close()
    }
    expect(await tablesIn(schema)).toEqual(expect.arrayContaining(['passes', 'migrations', 'activity']))
    expect(await tablesIn('public')).toEqual([])
  })

  it('are nowhere for a role whose search_path names none: the start says so, with 78', async () => {
    await server.run('alter role lost set search_path = nowhere')
    const { exitCode, message } = await refusalOf(server.url('', '127.0.0.1', 'lost'))
    expect([exitCode, message]).toEqual([
      78,
      expect.stringContaining("the role's search_path names no schema"),
    ])
  })
})
