import { introspect, managementOf, requestToken } from '../support/management.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

async function newPass(fields: Record<string, unknown> = {}) {
  const project = await server.createProject()
  const pass = await server.createPass(project, fields)
  const isLive = async (token: string) => (await introspect(server, project, token)).active
  return { project, pass, passes: managementOf(server, project), isLive }
}

describe('revoking a pass', () => {
  it('turns it off: no new tokens', async () => {
    const { pass, passes } = await newPass()
    await server.fetchToken(pass.credentials)
    const { body, status } = await passes.act(pass.id, 'revoke')
    expect(status).toBe(200)
    expect(body.data.attributes).toMatchObject({ active: false, status: 'inactive' })
    const refused = await requestToken(server, pass.credentials)
    expect({ status: refused.status, error: refused.body.error }).toEqual({
      status: 401,
      error: 'invalid_client',
    })
  })

  it.each([undefined, {}, { revokeTokens: false }])('leaves live tokens to their end with %j', async body => {
    const { pass, passes, isLive } = await newPass()
    const token = await server.fetchToken(pass.credentials)
    await passes.act(pass.id, 'revoke', body)
    expect(await isLive(token)).toBe(true)
    server.clock.advance({ seconds: 899 })
    expect(await isLive(token)).toBe(true)
    server.clock.advance({ seconds: 1 })
    expect(await isLive(token)).toBe(false)
  })

  it('ends live tokens at once with revokeTokens, here and at this server’s own API', async () => {
    const { project, pass, passes, isLive } = await newPass({ scopes: ['passes:read'] })
    const tokens = [await server.fetchToken(pass.credentials), await server.fetchToken(pass.credentials)]
    const bearer = managementOf(server, project, { Authorization: `Bearer ${tokens[0]}` })
    expect((await bearer.list()).status).toBe(200)
    await passes.act(pass.id, 'revoke', { revokeTokens: true })
    expect(await Promise.all(tokens.map(isLive))).toEqual([false, false])
    expect((await bearer.list()).status).toBe(401)
  })

  it('leaves the tokens of another pass alone', async () => {
    const { project, pass, passes, isLive } = await newPass()
    const other = await server.createPass(project)
    const token = await server.fetchToken(other.credentials)
    await passes.act(pass.id, 'revoke', { revokeTokens: true })
    expect(await isLive(token)).toBe(true)
  })

  it('can end the live tokens of a pass that is off already', async () => {
    const { pass, passes, isLive } = await newPass()
    const token = await server.fetchToken(pass.credentials)
    await passes.act(pass.id, 'revoke')
    await passes.act(pass.id, 'revoke', { revokeTokens: true })
    expect(await isLive(token)).toBe(false)
  })

  it('keeps the configuration and the history', async () => {
    const { project, pass, passes } = await newPass({ tags: ['kept'], description: 'kept' })
    await server.fetchToken(pass.credentials)
    const before = (await passes.read(pass.id)).body.data.attributes
    const { body } = await passes.act(pass.id, 'revoke', { revokeTokens: true })
    expect(body.data.attributes).toEqual({
      ...before,
      active: false,
      status: 'inactive',
      updatedAt: body.data.attributes.updatedAt,
    })
    const logs = await server.http
      .get(`/v1/api/oauth/agent/activity/logs?agent_user_id=${pass.credentials.agentUserId}`)
      .set('Api-Key', project.apiKey)
    expect(logs.body.total).toBe(1)
  })
})

describe('activating a pass', () => {
  it('turns it on again with the secret that it had', async () => {
    const { pass, passes } = await newPass()
    await passes.act(pass.id, 'revoke')
    const { body, status } = await passes.act(pass.id, 'activate')
    expect(status).toBe(200)
    expect(body.data.attributes).toMatchObject({ active: true, status: 'active' })
    expect((await requestToken(server, pass.credentials)).status).toBe(200)
  })

  it('does not bring back the tokens that a revocation ended', async () => {
    const { pass, passes, isLive } = await newPass()
    const token = await server.fetchToken(pass.credentials)
    await passes.act(pass.id, 'revoke', { revokeTokens: true })
    await passes.act(pass.id, 'activate')
    expect(await isLive(token)).toBe(false)
    const fresh = await server.fetchToken(pass.credentials)
    expect(await isLive(fresh)).toBe(true)
  })

  it('does not extend the validity', async () => {
    const { pass, passes } = await newPass()
    await passes.act(pass.id, 'revoke')
    server.clock.advance({ days: 366 })
    const { body } = await passes.act(pass.id, 'activate')
    expect(body.data.attributes.status).toBe('expired')
    expect((await requestToken(server, pass.credentials)).status).toBe(401)
  })
})

describe('an update of active', () => {
  it('pauses and resumes as revoke and activate do', async () => {
    const { pass, passes, isLive } = await newPass()
    const token = await server.fetchToken(pass.credentials)
    await passes.update(pass.id, { active: false })
    expect((await requestToken(server, pass.credentials)).status).toBe(401)
    expect(await isLive(token)).toBe(true)
    await passes.update(pass.id, { active: true })
    expect((await requestToken(server, pass.credentials)).status).toBe(200)
  })
})
