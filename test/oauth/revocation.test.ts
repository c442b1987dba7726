import type { Test } from 'supertest'
import { startServer, type TestCredentials, type TestProject, type TestServer } from '../support/server.ts'
import { activityOf, basic, introspectWithKey, isActive, REVOKE, sendForm } from './oauth-requests.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const UNKNOWN_TOKEN = 'kq0yJ2vT8vYp0m3kX9Zr5nq7c1dW4bH6sLfGtEoAiUe'

function revoke(caller: TestCredentials, token: string, fields: Record<string, string> = {}): Test {
  return sendForm(server, REVOKE, { token, ...fields }, basic(caller))
}

function revokeWithKey(project: Pick<TestProject, 'apiKey'>, token: string): Test {
  return sendForm(server, REVOKE, { token }, { Authorization: `Bearer ${project.apiKey}` })
}

describe('revocation by a pass (RFC 7009)', () => {
  it('ends its own token and no other', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project)
    const [token, kept] = [await server.fetchToken(credentials), await server.fetchToken(credentials)]
    const answer = await revoke(credentials, token)

    expect([answer.status, answer.text]).toEqual([200, '{}'])
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(await isActive(server, project, token)).toBe(false)
    expect(await isActive(server, project, kept)).toBe(true)
  })

  it('answers the same when the token has been revoked already', async () => {
    const { credentials } = await server.createPass(await server.createProject())
    const token = await server.fetchToken(credentials)
    await revoke(credentials, token)
    const again = await revoke(credentials, token)

    expect([again.status, again.text]).toEqual([200, '{}'])
  })

  it.each([['access_token'], ['refresh_token'], ['something_else']])(
    'finds the token whatever its hint is: %s',
    async hint => {
      const project = await server.createProject()
      const { credentials } = await server.createPass(project)
      const token = await server.fetchToken(credentials)

      expect((await revoke(credentials, token, { token_type_hint: hint })).status).toBe(200)
      expect(await isActive(server, project, token)).toBe(false)
    },
  )

  it('answers 200 and does nothing for another client of the project', async () => {
    const project = await server.createProject()
    const token = await server.fetchToken((await server.createPass(project)).credentials)
    const other = (await server.createPass(project)).credentials
    const answer = await revoke(other, token)

    expect([answer.status, answer.text]).toEqual([200, '{}'])
    expect(await isActive(server, project, token)).toBe(true)
  })

  it('answers 200 and does nothing for a client of another project', async () => {
    const project = await server.createProject()
    const token = await server.fetchToken((await server.createPass(project)).credentials)
    const stranger = (await server.createPass(await server.createProject())).credentials
    const answer = await revoke(stranger, token)

    expect([answer.status, answer.text]).toEqual([200, '{}'])
    expect(await isActive(server, project, token)).toBe(true)
  })

  it.each([[UNKNOWN_TOKEN], ['x'], ['\u0000']])('answers 200 for an unknown token: %j', async token => {
    const { credentials } = await server.createPass(await server.createProject())
    const answer = await revoke(credentials, token)

    expect([answer.status, answer.text]).toEqual([200, '{}'])
  })

  it('is on record as a call of the pass', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project)
    await revoke(credentials, await server.fetchToken(credentials))

    const rows = await activityOf(server, project, credentials.agentUserId, { activity_type: 'api_request' })
    expect(rows.map(row => [row.endpoint, row.http_method, row.status_code])).toEqual([[REVOKE, 'POST', 200]])
  })

  it('is refused without the secret, and ends nothing', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project)
    const token = await server.fetchToken(credentials)
    const answer = await revoke({ ...credentials, clientSecret: 'wrong' }, token)

    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client'])
    expect(await isActive(server, project, token)).toBe(true)
  })

  it('is refused without a token', async () => {
    const { credentials } = await server.createPass(await server.createProject())
    const answer = await sendForm(server, REVOKE, {}, basic(credentials))

    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request'])
  })
})

describe('revocation by an API key', () => {
  it('ends any token of its project', async () => {
    const project = await server.createProject()
    const tokens = [
      await server.fetchToken((await server.createPass(project)).credentials),
      await server.fetchToken((await server.createPass(project)).credentials),
    ]
    for (const token of tokens) {
      const answer = await revokeWithKey(project, token)

      expect([answer.status, answer.text]).toEqual([200, '{}'])
      expect(await isActive(server, project, token)).toBe(false)
    }
  })

  it('leaves who shows the token from then on to be on record', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project, { scopes: ['passes:read'] })
    const token = await server.fetchToken(pass.credentials)
    await revokeWithKey(project, token)
    const headers = { Authorization: `Bearer ${token}` }
    expect((await server.http.get(`${project.path}/sentinel_passes`).set(headers)).status).toBe(401)
    const observed = await introspectWithKey(server, project, token, { endpoint: '/stolen' })
    expect(observed.text).toBe('{"active":false}')
    const rows = await activityOf(server, project, pass.credentials.agentUserId, {
      activity_type: 'api_request',
    })
    expect(rows.map(row => `${row.status_code} ${row.endpoint}`).toSorted()).toEqual([
      '401 /stolen',
      `401 ${project.path}/sentinel_passes`,
    ])
  })

  it('is on the audit trail, by the key, once', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project)
    const token = await server.fetchToken(pass.credentials)
    for (let time = 0; time < 2; time += 1) expect((await revokeWithKey(project, token)).status).toBe(200)
    const { body } = await server.http.get(`${project.path}/audit_events`).set('Api-Key', project.apiKey)
    const events: { attributes: { action: string; actor: object; target: object } }[] = body.data
    expect(
      events.map(event => event.attributes).filter(event => event.action === 'pass.end_token'),
    ).toMatchObject([{ actor: { type: 'api_key' }, target: { type: 'pass', id: pass.id } }])
  })

  it('answers 200 and does nothing for a token of another project', async () => {
    const project = await server.createProject()
    const token = await server.fetchToken((await server.createPass(project)).credentials)
    const answer = await revokeWithKey(await server.createProject(), token)

    expect([answer.status, answer.text]).toEqual([200, '{}'])
    expect(await isActive(server, project, token)).toBe(true)
  })

  it('answers 200 for an unknown token', async () => {
    const answer = await revokeWithKey(await server.createProject(), UNKNOWN_TOKEN)

    expect([answer.status, answer.text]).toEqual([200, '{}'])
  })

  it('is refused when the key is not good, and ends nothing', async () => {
    const project = await server.createProject()
    const token = await server.fetchToken((await server.createPass(project)).credentials)
    const answer = await revokeWithKey({ apiKey: 'spk_wrong' }, token)

    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client'])
    expect(await isActive(server, project, token)).toBe(true)
  })

  it('is refused without a token', async () => {
    const project = await server.createProject()
    const answer = await sendForm(server, REVOKE, {}, { Authorization: `Bearer ${project.apiKey}` })

    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request'])
  })
})
