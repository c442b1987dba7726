import { createMemoryLogger } from '../support/log.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { createTenant, type Tenant } from './tenants.ts'

const { logger, lines } = createMemoryLogger()

/** By which the database is asked for a statement. */
const STATEMENTS = ['query', 'queryPrepared', 'commit', 'read'] as const

let server: TestServer
let tenant: Tenant
beforeAll(async () => {
  server = await startServer({ logger })
  tenant = await createTenant(server, 'Failing')
})
afterAll(() => server.close())
afterEach(recover)

/** Has every statement fail, as one that the database was asked for. */
function failWith(error: Error): void {
  const value = () => Promise.reject(error)
  for (const way of STATEMENTS)
    Object.defineProperty(server.deps.database, way, { value, configurable: true })
}

/** Has statements succeed again. */
function recover(): void {
  for (const way of STATEMENTS) Reflect.deleteProperty(server.deps.database, way)
}

/** A request of each kind that OAuth knows, with good credentials. */
function askOAuth(path: 'token' | 'introspect' | 'revoke') {
  const { clientId, clientSecret } = tenant.pass.credentials
  const form = path === 'token' ? { grant_type: 'client_credentials' } : { token: tenant.token }
  return server.http.post(`/v1/api/oauth/${path}`).auth(clientId, clientSecret).type('form').send(form)
}

function askApi(
  path = tenant.project.path,
  headers: Record<string, string> = { 'Api-Key': tenant.project.apiKey },
) {
  return server.http.get(path).set(headers)
}

/** What the log says of a request. */
function loggedOf(requestId: string | undefined): string {
  return lines.filter(line => JSON.parse(line).requestId === requestId).join('')
}

describe('a database that does not answer', () => {
  const refused = () =>
    Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:5432'), { code: 'ECONNREFUSED' })

  it.each([
    ['a refused connection', refused],
    ['a connection lost midway', () => new Error('Connection terminated unexpectedly')],
    ['one that has no connection to spare', () => Object.assign(new Error('too many'), { code: '53300' })],
    ['one that is shutting down', () => Object.assign(new Error('terminating'), { code: '57P01' })],
    ['a fault below another', () => new Error('query failed', { cause: refused() })],
  ])('(%s) is told the API as 503 with Retry-After', async (_what, error) => {
    failWith(error())
    const answer = await askApi()
    expect([answer.status, answer.body.code]).toEqual([503, 'service_unavailable'])
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'retry-after': expect.stringMatching(/^[1-9]\d*$/),
      'cache-control': 'no-store',
    })
    expect(answer.text).not.toContain(error().message)
  })

  it.each(['token', 'introspect', 'revoke'] as const)(
    'is told OAuth clients at %s as temporarily_unavailable',
    async path => {
      failWith(refused())
      const answer = await askOAuth(path)
      expect([answer.status, answer.body.error]).toEqual([503, 'temporarily_unavailable'])
      expect(answer.headers).toMatchObject({
        'retry-after': expect.stringMatching(/^[1-9]\d*$/),
        'cache-control': 'no-store',
      })
      expect(answer.headers['www-authenticate']).toBeUndefined()
      expect(answer.text).not.toContain('ECONNREFUSED')
    },
  )

  it('never lets a token in', async () => {
    failWith(refused())
    const answer = await askApi(undefined, { Authorization: `Bearer ${tenant.token}` })
    expect(answer.status).toBe(503)
  })

  it('is forgotten as soon as it answers again', async () => {
    failWith(refused())
    expect((await askOAuth('token')).status).toBe(503)
    recover()
    expect((await askOAuth('token')).status).toBe(200)
    expect((await askApi()).status).toBe(200)
  })
})

describe('a fault of the server', () => {
  const fault = () => new Error('relation "passes" is on fire at 10.1.2.3')

  it('is told the API as 500 without its message, which is in the log under the request id', async () => {
    failWith(fault())
    const answer = await askApi()
    expect([answer.status, answer.body.code]).toEqual([500, 'internal_error'])
    expect(answer.text).not.toMatch(/fire|10\.1\.2\.3|at \w+ \(/)
    expect(answer.body.instance).toBe(answer.headers['x-request-id'])
    expect(loggedOf(answer.body.instance)).toContain('on fire')
  })

  it.each(['token', 'introspect', 'revoke'] as const)(
    'is told OAuth clients at %s as server_error without its message',
    async path => {
      failWith(fault())
      const answer = await askOAuth(path)
      expect([answer.status, answer.body.error]).toEqual([500, 'server_error'])
      expect(answer.text).not.toMatch(/fire|10\.1\.2\.3|at \w+ \(/)
      expect(loggedOf(answer.headers['x-request-id'])).toContain('on fire')
    },
  )
})
