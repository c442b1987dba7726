import { NIL_UUID } from '../../src/platform/uuid.ts'
import { createAgent, getActivity, storedActivity } from '../activity/support.ts'
import { managementOf } from '../support/management.ts'
import { createResource } from '../support/resource-servers.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

function requestToken(form: Record<string, string>) {
  return server.http
    .post('/v1/api/oauth/token')
    .type('form')
    .send({ grant_type: 'client_credentials', ...form })
}

function secretForm(credentials: { clientId: string; clientSecret: string }) {
  return { client_id: credentials.clientId, client_secret: credentials.clientSecret }
}

describe('the row of a grant', () => {
  it('has every member, and the endpoint without its query string', async () => {
    const agent = await createAgent(server, { scopes: ['read:data', 'write:data'] })
    const answer = await server.http
      .post('/v1/api/oauth/token?trace=1')
      .set('User-Agent', 'agent/1.0')
      .type('form')
      .send({
        grant_type: 'client_credentials',
        scope: 'read:data',
        ...secretForm(agent.pass.credentials),
      })
    expect(answer.status).toBe(200)
    const { body } = await getActivity(server, agent, 'logs')
    expect(body.logs).toHaveLength(1)
    const [row] = body.logs
    expect(row).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      agent_user_id: agent.agentUserId,
      activity_type: 'token_generation',
      endpoint: '/v1/api/oauth/token',
      http_method: 'POST',
      status_code: 200,
      success: true,
      client_ip: '127.0.0.1',
      user_agent: 'agent/1.0',
      started_at: server.clock.date().toISOString(),
      completed_at: new Date(server.clock.now() + row.duration_ms).toISOString(),
      duration_ms: expect.any(Number),
      error_message: null,
      metadata: { scopes: ['read:data'], token_id: expect.any(String), secret_id: expect.any(String) },
    })
    expect(row.duration_ms).toBeGreaterThanOrEqual(0)
    expect(row.duration_ms).toBeLessThan(20_000)
  })

  it('has the same members whether the pass was known to the process or not', async () => {
    const agent = await createAgent(server, { scopes: ['read', 'write'] })
    for (const scope of ['read', 'read', 'read']) await server.fetchToken(agent.pass.credentials, scope)
    const [first, ...later] = await storedActivity(server.deps.database, agent.agentUserId)
    expect(later).toHaveLength(2)
    const varying = {
      id: expect.any(String),
      durationMs: expect.any(Number),
      completedAt: expect.any(Number),
      metadata: { ...first?.metadata, token_id: expect.any(String) },
    }
    for (const row of later) expect(row).toEqual({ ...first, ...varying })
  })

  it('names the token by the id that introspection shows, never by its value', async () => {
    const agent = await createAgent(server)
    const token = await server.fetchToken(agent.pass.credentials)
    const introspected = await server.http
      .post('/v1/api/oauth/introspect')
      .set('Api-Key', agent.project.apiKey)
      .type('form')
      .send({ token })
    const rows = await storedActivity(server.deps.database, agent.agentUserId)
    expect(rows).toHaveLength(1)
    expect(rows[0]?.metadata.token_id).toBe(introspected.body.jti)
    const everything = JSON.stringify(rows)
    expect(everything).not.toContain(token)
    expect(everything).not.toContain(agent.pass.credentials.clientSecret)
  })

  it('tells the resource that the token is for', async () => {
    const resource = 'https://data.example.com/'
    const agent = await createAgent(server)
    await createResource(server, agent.project, { resource })
    const passes = managementOf(server, agent.project)
    expect((await passes.update(agent.pass.id, { resources: [resource] })).status).toBe(200)
    expect((await requestToken({ ...secretForm(agent.pass.credentials), resource })).status).toBe(200)
    const [row] = await storedActivity(server.deps.database, agent.agentUserId)
    expect(row?.metadata).toMatchObject({ resource })
  })

  it('tells that the secret of before a rotation was used', async () => {
    const agent = await createAgent(server)
    const rotated = await server.http
      .post(`${agent.project.path}/sentinel_passes/${agent.pass.id}/rotate_key`)
      .set('Api-Key', agent.project.apiKey)
      .send({ gracePeriodSeconds: 600 })
    await server.fetchToken(agent.pass.credentials)
    await server.fetchToken(rotated.body.meta.credentials)
    const [old, current] = await storedActivity(server.deps.database, agent.agentUserId)
    expect(old?.metadata.grace_secret).toBe(true)
    expect(current?.metadata).not.toHaveProperty('grace_secret')
    expect(current?.metadata.secret_id).not.toBe(old?.metadata.secret_id)
  })
})

describe('the row of a refused grant', () => {
  it('is an error with the OAuth error and what was wrong', async () => {
    const agent = await createAgent(server, { scopes: ['read'] })
    const refused = await requestToken({ ...secretForm(agent.pass.credentials), scope: 'admin' })
    expect(refused.status).toBe(400)
    const { body } = await getActivity(server, agent, 'logs')
    expect(body.logs).toHaveLength(1)
    expect(body.logs[0]).toMatchObject({
      activity_type: 'error',
      endpoint: '/v1/api/oauth/token',
      http_method: 'POST',
      status_code: 400,
      success: false,
      error_message: expect.stringMatching(/^invalid_scope: .*admin/),
      metadata: { error: 'invalid_scope', client_id: agent.pass.credentials.clientId },
    })
  })

  it('is written for a wrong secret, without the secret', async () => {
    const agent = await createAgent(server)
    const wrong = `${agent.pass.credentials.clientSecret.slice(0, -1)}_`
    const refused = await requestToken({
      client_id: agent.pass.credentials.clientId,
      client_secret: wrong,
    })
    expect(refused.status).toBe(401)
    const rows = await storedActivity(server.deps.database, agent.agentUserId)
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({
      activityType: 'error',
      statusCode: 401,
      success: false,
      metadata: { error: 'invalid_client' },
    })
    expect(JSON.stringify(rows)).not.toContain(wrong)
  })

  it('keeps the reason that a caller with the right secret was told', async () => {
    const agent = await createAgent(server, { active: false })
    const refused = await requestToken(secretForm(agent.pass.credentials))
    expect(refused.status).toBe(401)
    expect(refused.body.error_description).toContain('switched off')
    const [row] = await storedActivity(server.deps.database, agent.agentUserId)
    expect(row?.errorMessage).toBe(`invalid_client: ${refused.body.error_description}`)
  })

  it('of an unknown client is nobody’s: no project can read it', async () => {
    const agent = await createAgent(server, { scopes: ['activity:read', 'passes:read'] })
    const clientId = 'sp_0000000000000000000000'
    expect((await requestToken({ client_id: clientId, client_secret: 'x' })).status).toBe(401)
    const nobodys = await storedActivity(server.deps.database, NIL_UUID)
    expect(nobodys.filter(row => row.metadata.client_id === clientId)).toEqual([
      expect.objectContaining({ activityType: 'error', projectId: null, statusCode: 401 }),
    ])
    expect(await storedActivity(server.deps.database, agent.agentUserId)).toEqual([])
    for (const what of ['logs', 'export', 'metrics'] as const)
      expect((await getActivity(server, agent, what, { agent_user_id: NIL_UUID })).status).toBe(404)
    const token = await server.fetchToken(agent.pass.credentials)
    const byPass = await server.http
      .get('/v1/api/oauth/agent/activity/logs')
      .auth(token, { type: 'bearer' })
      .query({ agent_user_id: NIL_UUID })
    expect(byPass.status).toBe(404)
  })

  it('is not stopped by characters that the database cannot hold', async () => {
    const agent = await createAgent(server)
    const answers = await Promise.all([
      requestToken({ client_id: 'a\0b', client_secret: 'x' }),
      requestToken({ ...secretForm(agent.pass.credentials), resource: 'urn:a\0b' }),
      requestToken(secretForm(agent.pass.credentials)),
    ])
    expect(answers.map(answer => answer.status)).toEqual([401, 400, 200])
    const rows = await storedActivity(server.deps.database, agent.agentUserId)
    expect(rows.map(row => row.activityType).sort()).toEqual(['error', 'token_generation'])
  })
})
