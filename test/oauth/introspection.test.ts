import { createResource } from '../support/resource-servers.ts'
import { startServer, type TestServer } from '../support/server.ts'
import {
  activityOf,
  basic,
  INTROSPECT,
  introspect,
  introspectWithKey,
  manage,
  requestToken,
  sendForm,
} from './oauth-requests.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const UNKNOWN_TOKEN = 'kq0yJ2vT8vYp0m3kX9Zr5nq7c1dW4bH6sLfGtEoAiUe'

describe('the introspection of a live token (RFC 7662 section 2.2)', () => {
  it('tells all of it, to a pass and to an API key alike', async () => {
    const project = await server.createProject()
    await createResource(server, project, { resource: 'https://reports.example.com' })
    const { attributes, credentials } = await server.createPass(project, {
      scopes: ['read:data', 'write:data'],
      permissions: ['read'],
      accessLevel: 'premium',
      resources: ['https://reports.example.com'],
    })
    const caller = await server.createPass(project)
    const granted = await requestToken(server, credentials, {
      resource: 'https://reports.example.com',
      scope: 'read:data',
    })
    const token: string = granted.body.access_token
    const byPass = await introspect(server, caller.credentials, token)
    const byKey = await introspectWithKey(server, project, token)

    const now = Math.floor(server.clock.now() / 1000)
    expect(byPass.body).toEqual({
      active: true,
      token_type: 'Bearer',
      client_id: credentials.clientId,
      sub: credentials.clientId,
      scope: 'read:data',
      aud: 'https://reports.example.com',
      iss: server.url,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      iat: now,
      exp: now + 3600,
      agent_user_id: credentials.agentUserId,
      pass_id: attributes.passId,
      project_id: project.projectId,
      permissions: ['read'],
      access_level: 'premium',
    })
    expect(byKey.body).toEqual(byPass.body)
    for (const answer of [byPass, byKey]) {
      expect(answer.status).toBe(200)
      expect(answer.headers['content-type']).toMatch(/^application\/json/)
      expect(answer.headers['cache-control']).toBe('no-store')
    }
  })

  it('names the token by the id that stands in the row of its grant, never by its value', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project)
    const token = await server.fetchToken(credentials)
    const { body, text } = await introspectWithKey(server, project, token)

    const rows = await activityOf(server, project, credentials.agentUserId)
    expect(rows[0]?.metadata).toMatchObject({ token_id: body.jti })
    expect(text).not.toContain(token)
  })

  it('shows the pass as it is, and the scopes as they were granted', async () => {
    const project = await server.createProject()
    const { id, credentials } = await server.createPass(project, { scopes: ['read:data'] })
    const token = await server.fetchToken(credentials)
    await manage(server, project, 'put', id, {
      sentinelPass: { scopes: ['write:data'], accessLevel: 'basic' },
    })

    const { body } = await introspectWithKey(server, project, token)
    expect(body).toMatchObject({ active: true, scope: 'read:data', access_level: 'basic' })
  })
})

describe('who may introspect', () => {
  it('not somebody without credentials', async () => {
    const answer = await sendForm(server, INTROSPECT, { token: UNKNOWN_TOKEN })

    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client'])
    expect(answer.headers['www-authenticate']).toMatch(/^Basic realm="[^"]+"/)
  })

  it.each([
    ['a wrong one', 'spk_wrong'],
    ['an unknown one of good form', `spk_${'0'.repeat(49)}`],
  ])('not an API key that is %s', async (_what, apiKey) => {
    const answer = await introspectWithKey(server, { apiKey }, UNKNOWN_TOKEN)

    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client'])
    expect(answer.headers['www-authenticate']).toContain('Bearer')
  })

  it('not an access token, which is no client credential', async () => {
    const { credentials } = await server.createPass(await server.createProject())
    const token = await server.fetchToken(credentials)
    const answer = await sendForm(server, INTROSPECT, { token }, { Authorization: `Bearer ${token}` })

    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(answer.body).not.toHaveProperty('active')
  })

  it('nobody who names no token, or two', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project)
    for (const headers of [basic(credentials), { Authorization: `Bearer ${project.apiKey}` }]) {
      for (const form of [[], [['token', 'a'] as [string, string], ['token', 'b'] as [string, string]]]) {
        const answer = await sendForm(server, INTROSPECT, form, headers)

        expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request'])
      }
    }
  })
})
