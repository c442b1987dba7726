import { startServer, type TestServer } from '../support/server.ts'
import { commitDrafts, createAgent, draftOf, getActivity, type TestAgent } from './support.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

/** An agent that did one thing just before a day, one at its last millisecond, and one just after it. */
async function agentAroundADay(): Promise<TestAgent> {
  const agent = await createAgent(server)
  const times = ['2029-12-30T23:59:59.999Z', '2029-12-31T23:59:59.999Z', '2030-01-01T00:00:00.000Z']
  await commitDrafts(
    server,
    times.map(time => draftOf(agent, { startedAt: Date.parse(time), endpoint: `/at/${time}` })),
  )
  return agent
}

const DAY = { start_date: '2029-12-31', end_date: '2029-12-31' }

describe('a range of one day', () => {
  it('has that whole day in the log and the export', async () => {
    const agent = await agentAroundADay()
    const { body } = await getActivity(server, agent, 'logs', DAY)
    expect(body.logs.map((row: { endpoint: string }) => row.endpoint)).toEqual([
      '/at/2029-12-31T23:59:59.999Z',
    ])
    expect((await getActivity(server, agent, 'export', DAY)).body).toEqual(body.logs)
  })

  it('has that whole day in the metrics, which say where they end', async () => {
    const { body } = await getActivity(server, await agentAroundADay(), 'metrics', DAY)
    expect(body).toMatchObject({
      start_date: '2029-12-31T00:00:00.000Z',
      end_date: '2030-01-01T00:00:00.000Z',
      summary: { total_requests: 1 },
    })
    expect(body.data).toHaveLength(1)
  })
})

describe('an instant in a query', () => {
  const ask = (agent: TestAgent, end: string) =>
    server.http
      .get(
        `/v1/api/oauth/agent/activity/logs?agent_user_id=${agent.agentUserId}&start_date=2029-12-31&end_date=${end}`,
      )
      .set('Api-Key', agent.project.apiKey)

  it.each([
    '2030-01-01T00:00Z',
    '2030-01-01T02:00:00%2B02:00',
    '2030-01-01T02:00:00+02:00',
    '2030-01-01T00:00:00.000Z',
  ])('is taken as %s', async end => {
    const { status, body } = await ask(await agentAroundADay(), end)
    expect({ status, total: body.total }).toEqual({ status: 200, total: 1 })
  })

  it('without an offset is told that the offset is missing', async () => {
    const { status, body } = await ask(await agentAroundADay(), '2030-01-01T01:00:00')
    expect(status).toBe(400)
    expect(body.errors).toEqual([
      { parameter: 'end_date', detail: 'has no offset from UTC: end it with Z, or with one such as +02:00' },
    ])
  })
})

describe('the last day of what expires', () => {
  it('is good to its end, of a pass and of an API key', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project, { validUntil: '2030-06-30' })
    expect(pass.attributes.validUntil).toBe('2030-07-01T00:00:00.000Z')
    const made = await server.http
      .post(`${project.path}/api_keys`)
      .set('Api-Key', project.apiKey)
      .send({ data: { attributes: { expiresAt: '2030-06-30' } } })
    expect(made.body.data.attributes.expiresAt).toBe('2030-07-01T00:00:00.000Z')
  })

  it('without an offset is told that the offset is missing', async () => {
    const project = await server.createProject()
    const { body } = await server.http
      .post(`${project.path}/sentinel_passes`)
      .set('Api-Key', project.apiKey)
      .send({ sentinelPass: { title: 'Agent', validUntil: '2030-06-30T12:00' } })
    expect(body.errors).toEqual([
      { pointer: '/sentinelPass/validUntil', detail: expect.stringMatching(/^has no offset from UTC/) },
    ])
  })
})
