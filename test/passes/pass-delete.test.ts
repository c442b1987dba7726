import { introspect, managementOf, requestToken } from '../support/management.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

async function newPass(fields: Record<string, unknown> = {}) {
  const project = await server.createProject()
  const pass = await server.createPass(project, fields)
  return { project, pass, passes: managementOf(server, project) }
}

function logsOf(project: TestProject, agentUserId: string) {
  return server.http
    .get(`/v1/api/oauth/agent/activity/logs?agent_user_id=${agentUserId}`)
    .set('Api-Key', project.apiKey)
}

describe('deleting a pass', () => {
  it('answers 204 without a body, and the pass is gone', async () => {
    const { pass, passes } = await newPass()
    const { status, text } = await passes.delete(pass.id)
    expect({ status, text }).toEqual({ status: 204, text: '' })
    expect((await passes.read(pass.id)).status).toBe(404)
    expect((await passes.read(String(pass.attributes.passId))).status).toBe(404)
    expect((await passes.list()).body.meta.total).toBe(0)
    expect((await passes.delete(pass.id)).status).toBe(404)
  })

  it('removes its agent, its secrets and its usage in the database', async () => {
    const { pass, passes } = await newPass()
    await server.fetchToken(pass.credentials)
    await passes.act(pass.id, 'rotate_key', { gracePeriodSeconds: 60 })
    const count = () =>
      server.deps.database.query(
        `select (select count(*)::int from passes where id = $1) as passes,
           (select count(*)::int from pass_secrets where pass_id = $1) as secrets,
           (select count(*)::int from agents where id = $2) as agents,
           (select count(*)::int from pass_usage where agent_user_id = $2) as usage`,
        [pass.id, pass.credentials.agentUserId],
      )
    expect(await count()).toEqual([{ passes: 1, secrets: 2, agents: 1, usage: 1 }])
    await passes.delete(pass.id)
    expect(await count()).toEqual([{ passes: 0, secrets: 0, agents: 0, usage: 0 }])
  })

  it('ends its tokens and its secret from that moment', async () => {
    const { project, pass, passes } = await newPass({ scopes: ['passes:read'] })
    const token = await server.fetchToken(pass.credentials)
    const bearer = managementOf(server, project, { Authorization: `Bearer ${token}` })
    expect((await bearer.list()).status).toBe(200)
    await passes.delete(pass.id)
    expect(await introspect(server, project, token)).toEqual({ active: false })
    expect((await bearer.list()).status).toBe(401)
    const refused = await requestToken(server, pass.credentials)
    expect({ status: refused.status, error: refused.body.error }).toEqual({
      status: 401,
      error: 'invalid_client',
    })
  })

  it('leaves the other passes of the project alone', async () => {
    const { project, pass, passes } = await newPass()
    const other = await server.createPass(project)
    const token = await server.fetchToken(other.credentials)
    await passes.delete(pass.id)
    expect(await introspect(server, project, token)).toMatchObject({ active: true })
    expect((await passes.read(other.id)).body.data.attributes.usageCount).toBe(1)
  })
})

describe('the activity of a deleted pass', () => {
  it('keeps its rows and its ids, readable by the agent’s id', async () => {
    const { project, pass, passes } = await newPass()
    const { agentUserId } = pass.credentials
    await server.fetchToken(pass.credentials)
    await requestToken(server, pass.credentials, 'not:held')
    const before = (await logsOf(project, agentUserId)).body.logs
    expect(before).toHaveLength(2)
    await passes.delete(pass.id)
    const after = await logsOf(project, agentUserId)
    expect(after.status).toBe(200)
    expect(after.body.logs).toEqual(before)
    expect(before.map((row: { agent_user_id: string }) => row.agent_user_id)).toEqual([
      agentUserId,
      agentUserId,
    ])
  })

  it('exports under the passId that it had', async () => {
    const { project, pass, passes } = await newPass()
    await server.fetchToken(pass.credentials)
    await passes.delete(pass.id)
    const exported = await server.http
      .get(`/v1/api/oauth/agent/activity/export?agent_user_id=${pass.credentials.agentUserId}`)
      .set('Api-Key', project.apiKey)
    expect(exported.status).toBe(200)
    expect(exported.get('Content-Disposition')).toContain(String(pass.attributes.passId))
  })

  it('is readable until the retention period is over', async () => {
    const { project, pass, passes } = await newPass()
    await server.fetchToken(pass.credentials)
    await passes.delete(pass.id)
    server.clock.advance({ days: 89 })
    expect((await logsOf(project, pass.credentials.agentUserId)).status).toBe(200)
    server.clock.advance({ days: 2 })
    expect((await logsOf(project, pass.credentials.agentUserId)).status).toBe(404)
  })

  it('is nothing to another project', async () => {
    const { pass, passes } = await newPass()
    await server.fetchToken(pass.credentials)
    await passes.delete(pass.id)
    const other = await server.createProject()
    expect((await logsOf(other, pass.credentials.agentUserId)).status).toBe(404)
  })
})
