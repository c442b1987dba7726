import { startServer, type TestCredentials, type TestProject, type TestServer } from '../support/server.ts'
import {
  activityOf,
  basic,
  INTROSPECT,
  introspect,
  introspectWithKey,
  manage,
  sendForm,
} from './oauth-requests.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const CONTEXT = {
  endpoint: '/orders/17?secret=1#part',
  http_method: 'patch',
  client_ip: '198.51.100.7',
  user_agent: 'Agent/1.0 (Ünïcode)',
}

interface Scene {
  readonly project: TestProject
  readonly id: string
  readonly agent: TestCredentials
  readonly token: string
}

async function scene(): Promise<Scene> {
  const project = await server.createProject()
  const { id, credentials } = await server.createPass(project)
  return { project, id, agent: credentials, token: await server.fetchToken(credentials) }
}

const observed = (project: TestProject, agent: TestCredentials) =>
  activityOf(server, project, agent.agentUserId, { activity_type: 'api_request' })

describe('the context parameters of an introspection', () => {
  it("become exactly one row of the token's pass, asked by an API key", async () => {
    const { project, agent, token } = await scene()
    await introspectWithKey(server, project, token, CONTEXT)

    expect(await observed(project, agent)).toEqual([
      {
        id: expect.any(String),
        agent_user_id: agent.agentUserId,
        activity_type: 'api_request',
        endpoint: '/orders/17',
        http_method: 'PATCH',
        status_code: 200,
        success: true,
        client_ip: '198.51.100.7',
        user_agent: 'Agent/1.0 (Ünïcode)',
        started_at: server.clock.date().toISOString(),
        completed_at: expect.any(String),
        duration_ms: expect.any(Number),
        error_message: null,
        metadata: { observed: 'introspection', token_id: expect.any(String), scopes: ['read', 'write'] },
      },
    ])
  })

  it("become exactly one row of the token's pass beside the caller's own, asked by a pass", async () => {
    const { project, agent, token } = await scene()
    const caller = (await server.createPass(project)).credentials
    await introspect(server, caller, token, CONTEXT)

    const rows = await observed(project, agent)
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({ endpoint: '/orders/17', metadata: { observed: 'introspection' } })
    const own = await observed(project, caller)
    expect(own).toHaveLength(1)
    expect(own[0]).toMatchObject({ endpoint: INTROSPECT, http_method: 'POST', status_code: 200 })
    expect(own[0]?.metadata).not.toHaveProperty('observed')
  })

  it.each(['an API key', 'a pass'])(
    'do not let a token in that was ended while its row was written, asked by %s',
    async asker => {
      const { project, agent, id, token } = await scene()
      const caller = (await server.createPass(project)).credentials
      const { recorder } = server.deps.record
      const commit = recorder.commit.bind(recorder)
      recorder.commit = async act => {
        recorder.commit = commit
        await server.http
          .post(`${project.path}/sentinel_passes/${id}/revoke`)
          .set('Api-Key', project.apiKey)
          .send({ revokeTokens: true })
        return commit(act)
      }
      const answer =
        asker === 'a pass'
          ? await introspect(server, caller, token, CONTEXT)
          : await introspectWithKey(server, project, token, CONTEXT)
      expect(answer.text).toBe('{"active":false}')
      expect(await observed(project, agent)).toMatchObject([{ status_code: 401 }])
    },
  )

  it('become a row of 401 for a token that has ended', async () => {
    const { project, agent, token } = await scene()
    server.clock.advance({ minutes: 15 })
    const answer = await introspectWithKey(server, project, token, CONTEXT)

    expect(answer.text).toBe('{"active":false}')
    const rows = await observed(project, agent)
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({ status_code: 401, success: false })
  })

  it('count as a use of the pass only where the token is live', async () => {
    const { project, agent, token } = await scene()
    const uses = async () => {
      const listed = await server.http.get(`${project.path}/sentinel_passes`).set('Api-Key', project.apiKey)
      return listed.body.data[0].attributes.usageCount
    }
    expect(agent.agentUserId).toEqual(expect.any(String))
    const before = await uses()
    await introspectWithKey(server, project, token, CONTEXT)
    expect(await uses()).toBe(before + 1)
    server.clock.advance({ minutes: 15 })
    await introspectWithKey(server, project, token, CONTEXT)
    expect(await uses()).toBe(before + 1)
  })

  it.each(['an API key', 'a pass'])(
    'let nobody in from an address that the pass may not be used from, asked by %s',
    async asker => {
      const { project, agent, id, token } = await scene()
      const caller = (await server.createPass(project)).credentials
      await manage(server, project, 'put', id, { sentinelPass: { allowedIps: ['198.51.100.0/28'] } })
      const asked = (fields: Record<string, string>) =>
        asker === 'a pass'
          ? introspect(server, caller, token, fields)
          : introspectWithKey(server, project, token, fields)

      expect((await asked({ ...CONTEXT, client_ip: '198.51.100.16' })).text).toBe('{"active":false}')
      expect((await asked({ ...CONTEXT, client_ip: '2001:db8::1' })).text).toBe('{"active":false}')
      expect((await asked(CONTEXT)).body.active).toBe(true)
      expect((await asked({ ...CONTEXT, client_ip: '::ffff:198.51.100.15' })).body.active).toBe(true)
      expect((await asked({})).body.active).toBe(true)
      const refused = (await observed(project, agent)).filter(row => row.success === false)
      expect(refused).toMatchObject([
        {
          status_code: 401,
          client_ip: '198.51.100.16',
          error_message: expect.stringContaining('198.51.100.16'),
        },
        { status_code: 401, client_ip: '2001:db8::1' },
      ])
    },
  )

  it('are not needed: without them there is no row', async () => {
    const { project, agent, token } = await scene()
    await introspectWithKey(server, project, token)

    expect(await observed(project, agent)).toEqual([])
  })

  it('make no row for a token of another project', async () => {
    const { project, agent, token } = await scene()
    const stranger = await server.createProject()
    const caller = (await server.createPass(stranger)).credentials

    expect((await introspectWithKey(server, stranger, token, CONTEXT)).text).toBe('{"active":false}')
    expect((await introspect(server, caller, token, CONTEXT)).text).toBe('{"active":false}')
    expect(await observed(project, agent)).toEqual([])
  })

  it('take a whole URL for the endpoint, of which the path is kept', async () => {
    const { project, agent, token } = await scene()
    await introspectWithKey(server, project, token, { endpoint: 'https://api.example.com/a/b?c=d' })

    const rows = await observed(project, agent)
    expect(rows.map(row => [row.endpoint, row.http_method])).toEqual([['/a/b', null]])
  })

  it('without a method or an address leave both untold, in the log and in an export', async () => {
    const { project, agent, token } = await scene()
    await introspectWithKey(server, project, token, { endpoint: '/untold' })
    const query = { agent_user_id: agent.agentUserId, endpoint: '/untold' }
    const ask = (what: string, more: object = {}) =>
      server.http
        .get(`/v1/api/oauth/agent/activity/${what}`)
        .set('Api-Key', project.apiKey)
        .query({ ...query, ...more })
    const { body } = await ask('logs', { sort_by: 'http_method' })
    expect(body.logs).toEqual([
      expect.objectContaining({ endpoint: '/untold', http_method: null, client_ip: null }),
    ])
    expect((await ask('export', { format: 'csv' })).text).toContain(',/untold,,200,true,,')
    expect((await ask('logs', { http_method: 'GET' })).body.total).toBe(0)
  })
})

it('cuts what the caller of a resource server can make as long as it likes', async () => {
  const { project, agent, token } = await scene()
  const answer = await introspectWithKey(server, project, token, {
    endpoint: `/search?q=${'x'.repeat(3000)}`,
    http_method: 'M-SEARCH',
    user_agent: 'ü'.repeat(1001),
  })
  expect(answer.body.active).toBe(true)
  expect(await observed(project, agent)).toMatchObject([
    { endpoint: '/search', http_method: 'M-SEARCH', user_agent: 'ü'.repeat(1000) },
  ])
})

describe('a fault of the context parameters', () => {
  const faults: readonly [string, Record<string, string>, RegExp][] = [
    ['an empty endpoint', { endpoint: '' }, /endpoint/],
    ['an endpoint that is too long', { endpoint: `/${'x'.repeat(2000)}` }, /endpoint/],
    ['an endpoint with NUL', { endpoint: '/\u0000' }, /endpoint/],
    ['a method that is none', { endpoint: '/a', http_method: 'GET /' }, /http_method/],
    ['an address that is none', { endpoint: '/a', client_ip: '300.1.1.1' }, /client_ip/],
    ['a user agent with NUL', { endpoint: '/a', user_agent: 'x\u0000' }, /user_agent/],
    ['no endpoint for the others', { http_method: 'GET' }, /endpoint/],
    ['several at once', { endpoint: '', client_ip: 'x' }, /endpoint.*client_ip/],
  ]

  it.each(faults)('is answered with 400 and makes no row: %s', async (_what, context, description) => {
    const { project, agent, token } = await scene()
    const caller = (await server.createPass(project)).credentials
    const answers = [
      await introspectWithKey(server, project, token, context),
      await introspect(server, caller, token, context),
    ]

    for (const answer of answers) {
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request'])
      expect(answer.body.error_description).toMatch(description)
    }
    expect(await observed(project, agent)).toEqual([])
  })

  it('is each of them twice', async () => {
    const { project, agent, token } = await scene()
    const form: [string, string][] = [
      ['token', token],
      ['endpoint', '/a'],
      ['endpoint', '/b'],
    ]
    for (const headers of [basic(agent), { Authorization: `Bearer ${project.apiKey}` }]) {
      const answer = await sendForm(server, INTROSPECT, form, headers)

      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request'])
      expect(answer.body.error_description).toContain('endpoint')
    }
  })
})
