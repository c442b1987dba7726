import { startServer, type TestServer } from '../support/server.ts'
import { commitDrafts, createAgent, draftOf, getActivity, type TestAgent } from './support.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const CALLS = [
  { endpoint: '/a', httpMethod: 'GET', statusCode: 200, clientIp: '192.0.2.1' },
  { endpoint: '/b', httpMethod: 'POST', statusCode: 201, clientIp: '2001:db8::1' },
  { endpoint: '/c', httpMethod: 'GET', statusCode: 404, success: false, clientIp: '192.0.2.2' },
  { endpoint: '/d', httpMethod: 'DELETE', statusCode: 403, success: false, clientIp: null },
  { endpoint: '/e', httpMethod: null, statusCode: 500, success: false, clientIp: '192.0.2.1' },
] as const

async function busyAgent(): Promise<TestAgent> {
  const agent = await createAgent(server)
  await commitDrafts(
    server,
    CALLS.map((call, index) =>
      draftOf(agent, { ...call, startedAt: draftOf(agent).startedAt + index * 1000 }),
    ),
  )
  return agent
}

const endpointsOf = (rows: { endpoint: string }[]) => rows.map(row => row.endpoint)
const ascending = { sort_order: 'asc' }

describe('a filter of the log', () => {
  it.each([
    [{ status_code: '404' }, ['/c']],
    [{ status_code: '404,500' }, ['/c', '/e']],
    [{ status_code: '4xx' }, ['/c', '/d']],
    [{ status_code: '2XX,403' }, ['/a', '/b', '/d']],
    [{ http_method: 'get' }, ['/a', '/c']],
    [{ http_method: 'POST,DELETE' }, ['/b', '/d']],
    [{ client_ip: '192.0.2.1' }, ['/a', '/e']],
    [{ client_ip: '2001:DB8:0::1' }, ['/b']],
    [{ client_ip: '::ffff:192.0.2.2' }, ['/c']],
    [{ status_code: '5xx', client_ip: '192.0.2.1', success: false }, ['/e']],
  ])('%j leaves %j, in the log and in an export', async (filter, expected) => {
    const agent = await busyAgent()
    const { body } = await getActivity(server, agent, 'logs', { ...filter, ...ascending })
    expect(endpointsOf(body.logs)).toEqual(expected)
    expect(body.total).toBe(expected.length)
    expect((await getActivity(server, agent, 'export', { ...filter, ...ascending })).body).toEqual(body.logs)
    const project = await server.http
      .get(`${agent.project.path}/activity/logs`)
      .set('Api-Key', agent.project.apiKey)
      .query({ ...filter, ...ascending })
    expect(project.body.logs).toEqual(body.logs)
  })

  it.each([
    ['status_code', '0'],
    ['status_code', '40x'],
    ['status_code', '200,'],
    ['client_ip', '192.0.2'],
    ['client_ip', '192.0.2.0/24'],
    ['http_method', 'x'.repeat(101)],
  ])('is refused where it is none: %s=%s', async (name, value) => {
    const { status, body } = await getActivity(server, await createAgent(server), 'logs', { [name]: value })
    expect(status).toBe(400)
    expect(body.errors).toEqual([{ parameter: name, detail: expect.any(String) }])
  })

  it('by status reads what went wrong from an index of it alone', async () => {
    const agent = await createAgent(server)
    const { database } = server.deps
    await database.query(
      `insert into activity (agent_user_id, started_at, id, activity_type, endpoint, status_code, success,
         completed_at, duration_ms, metadata)
       select $1::uuid, now() + n * interval '1 ms', gen_random_uuid(), 'api_request', '/', case when n % 5000 = 0 then 500 else 200 end,
         n % 5000 > 0, now(), 0, '{}' from generate_series(1, 20000) as n`,
      [agent.agentUserId],
    )
    await database.query('analyze activity')
    const plan = await database.query<{ 'QUERY PLAN': string }>(
      `explain select count(*) from activity where agent_user_id = any($1::uuid[]) and (status_code between $2 and $3)`,
      [[agent.agentUserId], 500, 599],
    )
    expect(plan.map(row => row['QUERY PLAN']).join('\n')).not.toMatch(/Seq Scan on activity_default|pkey/)
    expect((await getActivity(server, agent, 'logs', { status_code: '5xx' })).body.total).toBe(4)
  })
})

describe('the activity of a pass', () => {
  const ask = (agent: TestAgent, path: string, query: object) =>
    server.http.get(path).set('Api-Key', agent.project.apiKey).query(query)
  const OF_AGENT = '/v1/api/oauth/agent/activity'

  it('is found by its UUID, by its passId and by its agent, alone or together', async () => {
    const agent = await busyAgent()
    const { passId } = agent.pass.attributes
    const own = { agent_user_id: agent.agentUserId }
    for (const query of [
      { pass_id: passId },
      { pass_id: agent.pass.id.toUpperCase() },
      { ...own, pass_id: passId },
    ])
      for (const what of ['logs', 'export', 'metrics'])
        expect((await ask(agent, `${OF_AGENT}/${what}`, query)).body).toEqual(
          (await ask(agent, `${OF_AGENT}/${what}`, own)).body,
        )
  })

  it('is found in that of its project, after it was deleted too', async () => {
    const agent = await busyAgent()
    const other = await createAgent(server, {}, agent.project)
    await commitDrafts(server, [draftOf(other, { endpoint: '/other' })])
    const { passId } = agent.pass.attributes
    const logs = `${agent.project.path}/activity/logs`
    const before = await ask(agent, logs, { pass_id: passId, ...ascending })
    expect(endpointsOf(before.body.logs)).toEqual(['/a', '/b', '/c', '/d', '/e'])
    const { body } = await ask(agent, `${agent.project.path}/activity/metrics`, {
      pass_id: passId,
      end_date: '2030-01-15T11:00Z',
    })
    expect(body.summary.total_requests).toBe(5)
    await server.http
      .delete(`${agent.project.path}/sentinel_passes/${agent.pass.id}`)
      .set('Api-Key', agent.project.apiKey)
    for (const pass of [passId, agent.pass.id])
      expect((await ask(agent, logs, { pass_id: pass, ...ascending })).body.logs).toEqual(before.body.logs)
  })

  it('of another project is not found, nor that of an agent that is not the pass’s', async () => {
    const [agent, stranger] = [await busyAgent(), await busyAgent()]
    for (const pass of [stranger.pass.id, stranger.pass.attributes.passId])
      expect((await ask(agent, `${OF_AGENT}/logs`, { pass_id: pass })).status).toBe(404)
    const both = { agent_user_id: agent.agentUserId, pass_id: stranger.pass.id }
    expect((await ask(agent, `${OF_AGENT}/logs`, both)).status).toBe(404)
    const { body } = await ask(agent, `${agent.project.path}/activity/logs`, { pass_id: stranger.pass.id })
    expect(body).toMatchObject({ logs: [], total: 0 })
  })
})

describe('pages of the log', () => {
  it.each([
    ['logs', { page: 401, per_page: 25 }],
    ['logs', { page: 101, per_page: 100 }],
    ['logs', { page: 999_999_999, per_page: 100 }],
  ] as const)(
    'beyond the first 10,000 rows are refused, with the advice to go on by cursor',
    async (what, query) => {
      const { status, body } = await getActivity(server, await createAgent(server), what, query)
      expect(status).toBe(400)
      expect(body.errors).toEqual([{ parameter: 'page', detail: expect.stringContaining('next_cursor') }])
    },
  )

  it('reach the 10,000th row', async () => {
    const { status } = await getActivity(server, await createAgent(server), 'logs', {
      page: 100,
      per_page: 100,
    })
    expect(status).toBe(200)
  })
})
