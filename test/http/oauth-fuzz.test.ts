import fc from 'fast-check'
import { startServer, type TestServer } from '../support/server.ts'
import * as hostile from './hostile.ts'
import { createTenant, type Tenant } from './tenants.ts'

/** Fixed, so that a failure comes again; fast-check prints it with the request that failed. */
const PATIENCE_MS = 60_000

let server: TestServer
let tenant: Tenant
beforeAll(async () => {
  server = await startServer()
  tenant = await createTenant(server, 'Fuzzed')
})
afterAll(async () => {
  hostile.closeRaw()
  await server.close()
})

/** RFC 6749 section 5.2, and the statuses of HTTP itself for a body that is too large or of another type. */
function expectOAuthError({ status, headers, text }: hostile.RawAnswer): void {
  if (status < 400) return
  expect([400, 401, 413, 415]).toContain(status)
  expect(headers['content-type']).toBe('application/json; charset=utf-8')
  expect(headers['cache-control']).toBe('no-store')
  const { error, error_description: description } = JSON.parse(text)
  expect(error).toMatch(/^[a-z_]+$/)
  expect(typeof description).toBe('string')
}

const NAMES = [
  ...[
    'grant_type',
    'scope',
    'resource',
    'client_id',
    'client_secret',
    'client_assertion',
    'token',
    'audience',
  ],
  ...[
    'token_type_hint',
    'endpoint',
    'http_method',
    'client_ip',
    'user_agent',
    'client_assertion_type',
    '__proto__',
  ],
]

/** Those whose values are written down as they come. */
const KEPT_NAMES = ['endpoint', 'user_agent', 'client_id', 'scope']

const name = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...KEPT_NAMES) },
  { weight: 8, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 1, arbitrary: hostile.hostileText },
)

function authorization(): fc.Arbitrary<string> {
  const { clientId, clientSecret } = tenant.pass.credentials
  const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant(basic(clientId, clientSecret)) },
    { weight: 2, arbitrary: fc.constant(`Bearer ${tenant.project.apiKey}`) },
    { weight: 1, arbitrary: hostile.hostileText.map(text => basic(text, clientSecret)) },
    { weight: 1, arbitrary: hostile.hostileText.map(text => basic(clientId, text)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('Basic', 'Basic !', 'Basic Og==', 'Bearer', 'DPoP x', 'nonsense'),
    },
  )
}

function requests(): fc.Arbitrary<hostile.RawRequest> {
  const parts = fc.record({
    // What makes the request a good one, where nothing that follows spoils it.
    start: fc.constantFrom(
      ['token', 'grant_type=client_credentials'],
      ['token', 'grant_type=client_credentials&scope=read'],
      ['introspect', `token=${tenant.token}`],
      ['introspect', `token=${tenant.token}&endpoint=/orders`],
      ['introspect', `token=${tenant.token}&endpoint=/orders&http_method=GET`],
      ['revoke', `token=${tenant.token}x`],
      ['token', ''],
      ['introspect', ''],
      ['revoke', ''],
    ),
    rest: hostile.pairs(name, hostile.hostileText),
    bytes: fc.option(hostile.brokenBody, { freq: 10, nil: undefined }),
    headers: hostile.hostileHeaders,
    authorization: authorization(),
    type: fc.oneof(
      { weight: 8, arbitrary: fc.constant('application/x-www-form-urlencoded') },
      { weight: 1, arbitrary: hostile.contentType },
    ),
  })
  return parts
    .map(({ start: [path, form], rest, bytes, headers, authorization: Authorization, type }) => ({
      method: 'POST',
      target: `/v1/api/oauth/${path}`,
      headers: { ...headers, Authorization, 'Content-Type': type },
      body: bytes ?? Buffer.from(`${form}&${rest}`),
    }))
    .filter(hostile.isHeadReadable)
}

it(
  'answers whatever is sent to an OAuth endpoint, or refuses it with an error of the protocol',
  async () => {
    const seen = new Set<string>()
    const property = fc.asyncProperty(requests(), async request => {
      const answer = await hostile.sendHostile(server.url, request)
      expectOAuthError(answer)
      seen.add(`${request.target.split('/').at(-1)} ${answer.status}`)
    })
    await fc.assert(property, hostile.tries(600))
    const reached = ['token', 'introspect', 'revoke'].flatMap(path =>
      [200, 400, 401].map(status => `${path} ${status}`),
    )
    expect([...seen]).toEqual(expect.arrayContaining(reached))
  },
  PATIENCE_MS,
)
