import {
  createAgent,
  getActivity,
  type StoredActivity,
  storedActivity,
  type TestAgent,
} from '../activity/support.ts'
import { basic, requestToken } from '../oauth/oauth-requests.ts'
import { TestClock } from '../support/clock.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer({
    env: { TRUST_PROXY: 'loopback' },
    clock: new TestClock('2030-01-15T10:20:00.000Z'),
  })
})
afterAll(() => server.close())

async function refuse(agent: TestAgent, times: number, address = '198.51.100.1'): Promise<void> {
  for (let left = times; left > 0; left -= 1) await refuseOnce(agent, address)
}

async function refuseOnce(agent: TestAgent, address: string): Promise<void> {
  const answer = await server.http
    .post('/v1/api/oauth/token')
    .set('X-Forwarded-For', address)
    .type('form')
    .send({
      grant_type: 'client_credentials',
      client_id: agent.pass.credentials.clientId,
      client_secret: 'wrong',
    })
  expect(answer.status).toBe(401)
}

const attempts = (rows: readonly StoredActivity[]) => rows.map(row => row.metadata.attempts ?? 1)
const TWENTY_ROWS = Array.from({ length: 20 }, () => 1)

describe('refused grants of a known client', () => {
  it('have a row each up to 20 in a minute from one address', async () => {
    const agent = await createAgent(server)
    await refuse(agent, 20)
    const rows = await storedActivity(server.deps.database, agent.agentUserId)
    expect(rows).toHaveLength(20)
    expect(rows.every(row => row.activityType === 'error' && !('attempts' in row.metadata))).toBe(true)
  })

  it('share one row, with their number, for the rest of the minute', async () => {
    const agent = await createAgent(server)
    await refuse(agent, 20)
    await refuse(agent, 1)
    const afterOneMore = await storedActivity(server.deps.database, agent.agentUserId)
    expect(attempts(afterOneMore)).toEqual([...TWENTY_ROWS, 1])
    expect(afterOneMore.at(-1)?.metadata).toMatchObject({ attempts: 1, error: 'invalid_client' })
    await refuse(agent, 4)
    const rows = await storedActivity(server.deps.database, agent.agentUserId)
    expect(attempts(rows)).toEqual([...TWENTY_ROWS, 5])
    expect(rows.at(-1)?.id).toBe(afterOneMore.at(-1)?.id)
  })

  it('share it when they come at once too', async () => {
    const agent = await createAgent(server)
    await Promise.all(Array.from({ length: 33 }, () => refuseOnce(agent, '198.51.100.2')))
    const rows = await storedActivity(server.deps.database, agent.agentUserId)
    expect(attempts(rows).sort()).toEqual([...TWENTY_ROWS, 13])
  })

  it('start anew with the next minute', async () => {
    const agent = await createAgent(server)
    server.clock.set('2030-01-15T10:25:59.999Z')
    await refuse(agent, 22)
    server.clock.advance({ ms: 1 })
    await refuse(agent, 22)
    const rows = await storedActivity(server.deps.database, agent.agentUserId)
    expect(attempts(rows)).toEqual([...TWENTY_ROWS, 2, ...TWENTY_ROWS, 2])
    expect(rows.map(row => new Date(row.startedAt).toISOString()).slice(20, 22)).toEqual([
      '2030-01-15T10:25:59.999Z',
      '2030-01-15T10:26:00.000Z',
    ])
  })

  it('of another address have twenty rows of their own', async () => {
    const agent = await createAgent(server)
    await refuse(agent, 21, '198.51.100.1')
    await refuse(agent, 21, '198.51.100.2')
    const rows = await server.deps.database.query<{ address: string; rows: number }>(
      'select client_ip as address, count(*)::int as rows from activity where agent_user_id = $1 group by 1 order by 1',
      [agent.agentUserId],
    )
    expect(rows).toEqual([
      { address: '198.51.100.1', rows: 21 },
      { address: '198.51.100.2', rows: 21 },
    ])
  })

  it('share twenty rows with those of their network of IPv6, each with its own address', async () => {
    const agent = await createAgent(server)
    for (let index = 0; index < 22; index += 1) await refuse(agent, 1, `2001:db8:1:2::${index}`)
    await refuse(agent, 1, '2001:db8:1:3::1')
    const rows = await storedActivity(server.deps.database, agent.agentUserId)
    expect(attempts(rows)).toEqual([...TWENTY_ROWS, 2, 1])
    const [counted] = await server.deps.database.query<{ addresses: number }>(
      'select count(distinct client_ip)::int as addresses from activity where agent_user_id = $1',
      [agent.agentUserId],
    )
    expect(counted?.addresses).toBe(22)
  })

  it('of one client leave another its own twenty rows', async () => {
    const [one, other] = [await createAgent(server), await createAgent(server)]
    await refuse(one, 21)
    await refuse(other, 1)
    const [row] = await storedActivity(server.deps.database, other.agentUserId)
    expect(row?.metadata).not.toHaveProperty('attempts')
  })

  it.each([
    ['whole hours', {}],
    ['a part of an hour', { start_date: '2030-01-15T10:01:00Z', end_date: '2030-01-15T10:59:00Z' }],
  ])('are counted by attempts in the metrics of %s', async (_span, range) => {
    const agent = await createAgent(server)
    await refuse(agent, 26)
    const { body } = await getActivity(server, agent, 'metrics', range)
    expect(body.summary).toMatchObject({
      total_requests: 26,
      success_count: 0,
      error_count: 26,
      unique_endpoints: 1,
    })
  })

  it.each<[string, (agent: TestAgent) => Promise<{ status: number }>]>([
    [
      'two credentials',
      ({ pass: { credentials } }) =>
        requestToken(server, credentials, {
          client_id: credentials.clientId,
          client_secret: credentials.clientSecret,
        }),
    ],
    [
      'their client id twice',
      ({ pass: { credentials } }) =>
        server.http
          .post('/v1/api/oauth/token')
          .type('form')
          .send(
            `grant_type=client_credentials&client_id=${credentials.clientId}&client_id=${credentials.clientId}`,
          ),
    ],
    [
      'no form',
      ({ pass: { credentials } }) =>
        server.http
          .post('/v1/api/oauth/token')
          .set(basic(credentials))
          .send({ grant_type: 'client_credentials' }),
    ],
  ])('that show %s have a row as well', async (_what, ask) => {
    const agent = await createAgent(server)
    const { status } = await ask(agent)
    expect(status).toBe(400)
    const rows = await storedActivity(server.deps.database, agent.agentUserId)
    expect(rows).toMatchObject([
      {
        activityType: 'error',
        statusCode: 400,
        projectId: agent.project.projectId,
        errorMessage: expect.stringMatching(/^invalid_request: ./),
        metadata: { error: 'invalid_request', client_id: agent.pass.credentials.clientId },
      },
    ])
  })

  it('do not move usageCount and lastUsedAt', async () => {
    const agent = await createAgent(server)
    await server.fetchToken(agent.pass.credentials)
    const used = server.clock.date().toISOString()
    server.clock.advance({ seconds: 5 })
    await refuse(agent, 3)
    const answer = await server.http
      .get(`${agent.project.path}/sentinel_passes/${agent.pass.id}`)
      .set('Api-Key', agent.project.apiKey)
    expect(answer.body.data.attributes).toMatchObject({ usageCount: 1, lastUsedAt: used })
  })

  it('do not keep a good grant of the same client and address from its row', async () => {
    const agent = await createAgent(server)
    await refuse(agent, 25)
    await server.fetchToken(agent.pass.credentials)
    const rows = await storedActivity(server.deps.database, agent.agentUserId)
    expect(rows.filter(row => row.activityType === 'token_generation')).toHaveLength(1)
  })
})
