import { generateChecksummedSecret } from '../../src/platform/checksummed-secret.ts'
import { createMemoryLogger } from '../support/log.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'
import { beginSignIn, discoverConsole } from '../support/sign-in.ts'

const { logger, lines } = createMemoryLogger()
const JWT = 'eyJhbGciOiJFZERTQSIsImtpZCI6IngifQ.eyJzdWIiOiJzcF8xIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg'

let server: TestServer
beforeAll(async () => {
  server = await startServer({ logger })
})
afterAll(() => server.close())

/** Every row of the database. */
async function storedText(): Promise<string> {
  const tables = await server.deps.database.query<{ name: string }>(
    `select relname as name from pg_class where relkind in ('r', 'p') and not relispartition
       and relnamespace = 'public'::regnamespace`,
  )
  const names = tables.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['activity', 'audit_events', 'idempotency_keys']))
  const rows = await Promise.all(
    names.map(name => server.deps.database.query(`select to_jsonb(t) as row from "${name}" t`)),
  )
  return JSON.stringify(rows)
}

describe('a sign-in that anybody can begin', () => {
  const begin = async (parameters: Record<string, string>) => {
    const { url } = await beginSignIn(server, await discoverConsole(server))
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
    return fetch(url, { redirect: 'manual' })
  }
  const kept = () => server.deps.database.query('select 1 from oidc_artifacts')

  it.each([
    ['a state of 3 kB', { state: 'x'.repeat(3_000) }, /have 3\d\d\d characters, and may have 2500/],
    ['a hint of 3 kB', { login_hint: 'x'.repeat(3_000) }, /may have 2500/],
    ['a secret as its state', { state: generateChecksummedSecret('sps_') }, /has a secret or a token in it/],
    ['a token as its nonce', { nonce: JWT }, /has a secret or a token in it/],
  ])('is not kept with %s', async (_name, parameters, why) => {
    const before = await kept()
    const answer = await begin(parameters)
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringMatching(why)])
    expect(await kept()).toEqual(before)
  })

  it('is kept with what clients send', async () => {
    const before = await kept()
    expect((await begin({ state: 'x'.repeat(500), login_hint: 'ada@example.test' })).status).toBe(303)
    expect((await kept()).length).toBe(before.length + 1)
  })
})

/** What is written where, and the body that has a secret in it. */
type Written = [what: string, path: (project: TestProject) => string, body: (secret: string) => object]

it.each<Written>([
  ...['description', 'integrationNotes', 'organization', 'entityType', 'entityId'].map(
    (field): Written => [
      `the ${field} of a pass`,
      project => `${project.path}/sentinel_passes`,
      secret => ({ sentinelPass: { title: 'Agent', [field]: secret } }),
    ],
  ),
  ...['scopes', 'permissions', 'allowedReferers'].map(
    (field): Written => [
      `the ${field} of a pass`,
      project => `${project.path}/sentinel_passes`,
      secret => ({ sentinelPass: { title: 'Agent', [field]: ['x', secret] } }),
    ],
  ),
  [
    'the note of a key',
    project => `${project.path}/api_keys`,
    secret => ({ data: { attributes: { note: `for ${secret}` } } }),
  ],
  [
    'the title of a resource server',
    project => `${project.path}/resource_servers`,
    secret => ({ data: { attributes: { resource: 'https://a.example.com', title: secret } } }),
  ],
])('takes no secret as %s, and says why', async (_what, path, body) => {
  const project = await server.createProject()
  const post = (value: string) =>
    server.http.post(path(project)).set('Api-Key', project.apiKey).send(body(value))
  for (const secret of [generateChecksummedSecret('sps_'), generateChecksummedSecret('spk_'), JWT]) {
    const { status, body: problem } = await post(secret)
    expect([status, problem.errors]).toEqual([
      400,
      expect.arrayContaining([
        { pointer: expect.any(String), detail: expect.stringMatching(/has a secret or a token in it/) },
      ]),
    ])
    expect(JSON.stringify(problem)).not.toContain(secret)
  }
  expect((await post('sps_and_Basic')).status).toBe(201)
})

it('stores, logs and answers no secret that was sent in the wrong place', async () => {
  const project = await server.createProject('Misplaced')
  const { credentials } = await server.createPass(project, { scopes: ['activity:read'], permissions: [] })
  const token = await server.fetchToken(credentials)
  const secrets = {
    secret: generateChecksummedSecret('sps_'),
    key: generateChecksummedSecret('spk_'),
    invitation: generateChecksummedSecret('spi_'),
    reset: generateChecksummedSecret('spr_'),
    token: await server.fetchToken(credentials),
    jwt: JWT,
  }
  const answers: string[] = []
  for (const secret of Object.values(secrets)) {
    const grant = (form: object, headers: Record<string, string> = {}) =>
      server.http
        .post('/v1/api/oauth/token')
        .auth(credentials.clientId, credentials.clientSecret)
        .set(headers)
        .type('form')
        .send({ grant_type: 'client_credentials', ...form })
    const introspect = (form: object) =>
      server.http
        .post('/v1/api/oauth/introspect')
        .set('Authorization', `Bearer ${project.apiKey}`)
        .type('form')
        .send({ token, ...form })
    const manage = (path: string, body: object, headers: Record<string, string> = {}) =>
      server.http
        .post(`${project.path}${path}`)
        .set({ 'Api-Key': project.apiKey, ...headers })
        .send(body)
    const sent = [
      await grant({ scope: secret }),
      await grant({ resource: `https://api.example.com/${secret}` }),
      await grant({ grant_type: secret }),
      await grant({}, { 'User-Agent': `agent ${secret}`, 'X-Request-Id': secret }),
      await grant({}, { Origin: `https://${secret}.example.com`, Referer: `https://example.com/${secret}` }),
      await introspect({ endpoint: `/orders/${secret}`, user_agent: `curl ${secret}`, http_method: 'GET' }),
      await server.http.get(`/v1/api/organizations/${secret}`).set('Authorization', `Bearer ${token}`),
      await server.http.get(`/nothing/${secret}?token=${secret}`),
      await manage('/sentinel_passes', { sentinelPass: { title: 'Agent', [secret]: 1, scopes: [secret] } }),
      await manage('/api_keys', { data: { attributes: { note: `for ${secret}` } } }),
      await manage('/api_keys', {}, { 'Idempotency-Key': secret }),
      await server.http.get(`${project.path}/audit_events?${secret}=1`).set('Api-Key', project.apiKey),
    ]
    expect(sent.map(answer => answer.status)).toEqual([
      ...[400, 400, 400, 200, 200, 200, 404, 404, 400, 400, 400, 400],
    ])
    answers.push(...sent.map(answer => answer.text + JSON.stringify(answer.headers)))
  }
  const stored = await storedText()
  for (const secret of Object.values(secrets)) {
    expect(lines.join('')).not.toContain(secret)
    expect(answers.join('')).not.toContain(secret)
    expect(stored).not.toContain(secret)
  }
  expect(stored).toContain('/orders/sps_***')
  expect(lines.join('')).toContain('/nothing/spk_***')
})
