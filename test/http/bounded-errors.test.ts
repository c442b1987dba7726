import { requestToken } from '../oauth/oauth-requests.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'

const KILOBYTE = 1_024

let server: TestServer
let project: TestProject
beforeAll(async () => {
  server = await startServer()
  project = await server.createProject('Bounded')
})
afterAll(() => server.close())

it('answers and stores a line of a grant that asks for 8,000 scopes', async () => {
  const { credentials } = await server.createPass(project)
  const scope = Array.from({ length: 8_000 }, (_, at) => `s${at}`).join(' ')
  const refused = await requestToken(server, credentials, { scope })
  expect([refused.status, refused.body.error]).toEqual([400, 'invalid_scope'])
  expect(refused.text.length).toBeLessThan(3 * KILOBYTE)
  expect(refused.body.error_description).toMatch(/does not hold s0 s1 .* more characters\)$/)
  const rows = await server.deps.database.query<{ length: number }>(
    'select max(length(to_jsonb(a)::text))::int as length from activity a where agent_user_id = $1',
    [credentials.agentUserId],
  )
  expect(rows[0]?.length).toBeGreaterThan(1_000)
  expect(rows[0]?.length).toBeLessThan(3 * KILOBYTE)
})

it('answers the first hundred of many faults, and says how many more there are', async () => {
  const unknown = Object.fromEntries(Array.from({ length: 9_000 }, (_, at) => [`field${at}`, at]))
  const refused = await server.http
    .post(`${project.path}/sentinel_passes`)
    .set('Api-Key', project.apiKey)
    .send({ sentinelPass: { title: 'Agent', ...unknown } })
  expect([refused.status, refused.body.errors.length, refused.body.more_errors]).toEqual([400, 100, 8_900])
  expect(refused.body.detail.length).toBeLessThan(1_100)
  expect(refused.text.length).toBeLessThan(12 * KILOBYTE)
})

it('answers a line of a fault whose place has a long name', async () => {
  const refused = await server.http
    .post(`${project.path}/sentinel_passes`)
    .set('Api-Key', project.apiKey)
    .send({ sentinelPass: { title: 'Agent', ['x'.repeat(200_000)]: 1 } })
  expect(refused.status).toBe(400)
  expect(refused.text.length).toBeLessThan(4 * KILOBYTE)
})

it('records a line of a call that is refused with many faults', async () => {
  const { credentials } = await server.createPass(project, { scopes: ['passes:write'], permissions: [] })
  const token = await server.fetchToken(credentials)
  const unknown = Object.fromEntries(Array.from({ length: 3_000 }, (_, at) => [`field${at}`, at]))
  const refused = await server.http
    .post(`${project.path}/sentinel_passes`)
    .set('Authorization', `Bearer ${token}`)
    .send({ sentinelPass: { title: 'Agent', ...unknown } })
  expect(refused.status).toBe(400)
  const rows = await server.deps.database.query<{ length: number }>(
    'select max(length(error_message)) as length from activity where agent_user_id = $1 and status_code = 400',
    [credentials.agentUserId],
  )
  expect(rows[0]?.length).toBeGreaterThan(500)
  expect(rows[0]?.length).toBeLessThan(1_100)
})
