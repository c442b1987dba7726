import {
  createAgent,
  getActivity,
  type StoredActivity,
  storedActivity,
  type TestAgent,
} from '../activity/support.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

/** The rows of an agent's calls, without those of its grants. */
async function callsOf(agent: TestAgent): Promise<StoredActivity[]> {
  const rows = await storedActivity(server.deps.database, agent.agentUserId)
  return rows.filter(row => row.activityType !== 'token_generation')
}

function secretForm(agent: TestAgent) {
  const { clientId, clientSecret } = agent.pass.credentials
  return { client_id: clientId, client_secret: clientSecret }
}

describe('a call with the token of a pass', () => {
  it('has a row with every member', async () => {
    const agent = await createAgent(server, { scopes: ['passes:read'] })
    const token = await server.fetchToken(agent.pass.credentials)
    server.clock.advance({ seconds: 1 })
    const path = `${agent.project.path}/sentinel_passes`
    const answer = await server.http
      .get(`${path}?per_page=10`)
      .auth(token, { type: 'bearer' })
      .set('User-Agent', 'agent/2.0')
    expect(answer.status).toBe(200)
    const { body } = await getActivity(server, agent, 'logs', { activity_type: 'api_request' })
    expect(body.logs).toHaveLength(1)
    const [row] = body.logs
    expect(row).toEqual({
      id: expect.any(String),
      agent_user_id: agent.agentUserId,
      activity_type: 'api_request',
      endpoint: path,
      http_method: 'GET',
      status_code: 200,
      success: true,
      client_ip: '127.0.0.1',
      user_agent: 'agent/2.0',
      started_at: server.clock.date().toISOString(),
      completed_at: new Date(server.clock.now() + row.duration_ms).toISOString(),
      duration_ms: expect.any(Number),
      error_message: null,
      metadata: { token_id: expect.any(String), scopes: ['passes:read'] },
    })
  })

  it('has a row when it is refused, with its status and what was wrong', async () => {
    const agent = await createAgent(server, { scopes: ['passes:read', 'passes:write', 'read'] })
    const bearer = { type: 'bearer' } as const
    const path = `${agent.project.path}/sentinel_passes`
    const readOnly = await server.fetchToken(agent.pass.credentials, 'passes:read')
    const writing = await server.fetchToken(agent.pass.credentials)
    const answers = [
      await server.http.post(path).auth(readOnly, bearer).send({}),
      await server.http.get(`${path}/SP-2030-ZZZZZZ`).auth(readOnly, bearer),
      await server.http.get(`${path}?per_page=none`).auth(readOnly, bearer),
      await server.http.post(path).auth(writing, bearer).send({ sentinelPass: {} }),
    ]
    expect(answers.map(answer => answer.status)).toEqual([403, 404, 400, 400])
    const rows = await callsOf(agent)
    expect(rows.map(row => [row.activityType, row.statusCode, row.success, row.endpoint])).toEqual([
      ['api_request', 403, false, path],
      ['api_request', 404, false, `${path}/SP-2030-ZZZZZZ`],
      ['api_request', 400, false, path],
      ['api_request', 400, false, path],
    ])
    expect(rows.map(row => row.errorMessage?.split(':')[0])).toEqual([
      'forbidden',
      'not_found',
      'validation_failed',
      'validation_failed',
    ])
  })

  it('has a failed row when the token has ended, and that is no use of the pass', async () => {
    const agent = await createAgent(server, { scopes: ['passes:read'], tokenTtl: 60 })
    const token = await server.fetchToken(agent.pass.credentials)
    server.clock.advance({ seconds: 61 })
    const answer = await server.http
      .get(`${agent.project.path}/sentinel_passes`)
      .auth(token, { type: 'bearer' })
    expect(answer.status).toBe(401)
    const [row] = await callsOf(agent)
    expect(row).toMatchObject({ activityType: 'api_request', statusCode: 401, success: false })
    expect(await usageOf(agent)).toBe(1)
  })

  it('has a row when another project’s path answers it 404', async () => {
    const agent = await createAgent(server, { scopes: ['passes:read'] })
    const other = await server.createProject('Other')
    const token = await server.fetchToken(agent.pass.credentials)
    const answer = await server.http.get(`${other.path}/sentinel_passes`).auth(token, { type: 'bearer' })
    expect(answer.status).toBe(404)
    expect((await callsOf(agent)).map(row => row.statusCode)).toEqual([404])
  })

  it('is not stopped by a body whose names the database cannot hold', async () => {
    const agent = await createAgent(server, { scopes: ['passes:write'] })
    const token = await server.fetchToken(agent.pass.credentials)
    const answer = await server.http
      .post(`${agent.project.path}/sentinel_passes`)
      .auth(token, { type: 'bearer' })
      .type('json')
      .send('{"sentinelPass":{"title":"A","a\\u0000b\\ud800":1}}')
    expect(answer.status).toBe(400)
    const [row] = await callsOf(agent)
    expect(row?.errorMessage).toContain('a\uFFFDb\uFFFD')
  })

  it('with an API key alone is nobody’s activity', async () => {
    const agent = await createAgent(server)
    await server.http.get(`${agent.project.path}/sentinel_passes`).set('Api-Key', agent.project.apiKey)
    await getActivity(server, agent, 'logs')
    expect(await storedActivity(server.deps.database, agent.agentUserId)).toEqual([])
  })
})

describe('a call with the secret of a pass to an OAuth endpoint', () => {
  it('has a row for an introspection of the pass that asks', async () => {
    const asking = await createAgent(server)
    const asked = await createAgent(server, {}, asking.project)
    const token = await server.fetchToken(asked.pass.credentials)
    const answer = await server.http
      .post('/v1/api/oauth/introspect?trace=1')
      .type('form')
      .send({ token, ...secretForm(asking) })
    expect(answer.body.active).toBe(true)
    const [row] = await callsOf(asking)
    expect(row).toMatchObject({
      activityType: 'api_request',
      endpoint: '/v1/api/oauth/introspect',
      statusCode: 200,
      success: true,
      projectId: asking.project.projectId,
      metadata: { secret_id: expect.any(String) },
    })
    expect(await callsOf(asked)).toEqual([])
  })

  it('has a row for a revocation', async () => {
    const agent = await createAgent(server)
    const token = await server.fetchToken(agent.pass.credentials)
    const answer = await server.http
      .post('/v1/api/oauth/revoke')
      .type('form')
      .send({ token, ...secretForm(agent) })
    expect(answer.status).toBe(200)
    expect(await callsOf(agent)).toEqual([
      expect.objectContaining({
        activityType: 'api_request',
        endpoint: '/v1/api/oauth/revoke',
        statusCode: 200,
      }),
    ])
  })

  it('has a failed row when the call is refused', async () => {
    const agent = await createAgent(server)
    const answer = await server.http.post('/v1/api/oauth/introspect').type('form').send(secretForm(agent))
    expect(answer.status).toBe(400)
    expect(await callsOf(agent)).toEqual([
      expect.objectContaining({
        activityType: 'api_request',
        statusCode: 400,
        success: false,
        errorMessage: expect.stringMatching(/^invalid_request: /),
      }),
    ])
  })

  it('is not recorded when the secret is wrong', async () => {
    const agent = await createAgent(server)
    const answer = await server.http
      .post('/v1/api/oauth/introspect')
      .type('form')
      .send({ token: 'x', client_id: agent.pass.credentials.clientId, client_secret: 'x' })
    expect(answer.status).toBe(401)
    expect(await storedActivity(server.deps.database, agent.agentUserId)).toEqual([])
  })

  it('records the call that a resource server tells of once, as the token’s pass', async () => {
    const asking = await createAgent(server)
    const agent = await createAgent(server, { scopes: ['read'] }, asking.project)
    const token = await server.fetchToken(agent.pass.credentials)
    await server.http
      .post('/v1/api/oauth/introspect')
      .type('form')
      .send({
        token,
        ...secretForm(asking),
        endpoint: 'https://api.example.com/items/7?secret=1#top',
        http_method: 'patch',
        client_ip: '203.0.113.9',
        user_agent: 'resource/1',
      })
    const { body } = await getActivity(server, agent, 'logs', { activity_type: 'api_request' })
    expect(body.logs).toEqual([
      expect.objectContaining({
        endpoint: '/items/7',
        http_method: 'PATCH',
        status_code: 200,
        success: true,
        client_ip: '203.0.113.9',
        user_agent: 'resource/1',
        metadata: { observed: 'introspection', token_id: expect.any(String), scopes: ['read'] },
      }),
    ])
    expect(await callsOf(asking)).toHaveLength(1)
  })
})

async function usageOf(agent: TestAgent): Promise<number> {
  const answer = await server.http
    .get(`${agent.project.path}/sentinel_passes/${agent.pass.id}`)
    .set('Api-Key', agent.project.apiKey)
  return answer.body.data.attributes.usageCount
}
