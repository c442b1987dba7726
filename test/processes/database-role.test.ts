import pg from 'pg'
import { currentBackend, postgresUrl } from '../support/backend.ts'
import { describeUnless } from '../support/describe-unless.ts'
import { endProcesses, SECRET_KEY, startProcess } from '../support/process.ts'
import { firstProject, remote } from '../support/remote.ts'

const embedded = currentBackend() === 'pglite' ? 'The embedded database has one user' : undefined

describeUnless(embedded, 'a role of PostgreSQL that is no superuser', () => {
  const name = `sentinel_pass_test_${process.pid}_${crypto.randomUUID().slice(0, 8)}`

  beforeAll(async () => {
    await administer(`create role ${name} login nosuperuser nocreatedb nocreaterole password 'proved'`)
    await administer(`create database ${name} owner ${name}`)
    await administer(`revoke all on database ${name} from public`)
  })
  afterEach(endProcesses)
  afterAll(async () => {
    await administer(`drop database if exists ${name} with (force)`)
    await administer(`drop role if exists ${name}`)
  })

  it('is enough to make the schema, to start again, and to serve', async () => {
    const url = new URL(postgresUrl())
    Object.assign(url, { username: name, password: 'proved', pathname: `/${name}` })
    const env = { DATABASE_URL: url.href, SECRET_KEY }
    const first = await startProcess(env)
    const project = firstProject(first.stdout())
    const { credentials } = await remote(first.url, project).createPass()
    await first.end('SIGTERM')
    const second = await startProcess(env)
    const api = remote(second.url, project)
    expect(await api.introspect(await api.fetchToken(credentials))).toMatchObject({ active: true })
  })
})

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl() })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
