import { startServer, type TestServer } from '../support/server.ts'
import { createAgent, getActivity, type TestAgent } from './support.ts'

const KINDS = ['logs', 'export', 'metrics'] as const
const RETENTION_DAYS = 7

let server: TestServer

beforeAll(async () => {
  server = await startServer({ env: { RETENTION_DAYS: String(RETENTION_DAYS) } })
})
afterAll(() => server.close())

/** What each activity endpoint answers to a pass's token about an agent. */
async function statuses(token: string, agentUserId: string): Promise<number[]> {
  const answers = []
  for (const kind of KINDS)
    answers.push(
      await server.http
        .get(`/v1/api/oauth/agent/activity/${kind}`)
        .auth(token, { type: 'bearer' })
        .query({ agent_user_id: agentUserId }),
    )
  return answers.map(answer => answer.status)
}

async function statusesByKey(agent: TestAgent, agentUserId: string): Promise<number[]> {
  const answers = []
  for (const kind of KINDS)
    answers.push(await getActivity(server, agent, kind, { agent_user_id: agentUserId }))
  return answers.map(answer => answer.status)
}

async function deletePass(agent: TestAgent): Promise<void> {
  const answer = await server.http
    .delete(`${agent.project.path}/sentinel_passes/${agent.pass.id}`)
    .set('Api-Key', agent.project.apiKey)
  expect(answer.status).toBe(204)
}

const everywhere = (status: number): number[] => KINDS.map(() => status)

describe('a pass’s token', () => {
  it('with activity:read reads its own agent, and answers 404 for others of the project', async () => {
    const reader = await createAgent(server, { scopes: ['activity:read'] })
    const other = await createAgent(server, {}, reader.project)
    const token = await server.fetchToken(reader.pass.credentials)
    expect(await statuses(token, reader.agentUserId)).toEqual(everywhere(200))
    expect(await statuses(token, other.agentUserId)).toEqual(everywhere(404))
  })

  it('with activity:read and passes:read reads the whole project, and no other', async () => {
    const reader = await createAgent(server, { scopes: ['activity:read', 'passes:read'] })
    const other = await createAgent(server, {}, reader.project)
    const stranger = await createAgent(server)
    const token = await server.fetchToken(reader.pass.credentials)
    expect(await statuses(token, reader.agentUserId)).toEqual(everywhere(200))
    expect(await statuses(token, other.agentUserId)).toEqual(everywhere(200))
    expect(await statuses(token, stranger.agentUserId)).toEqual(everywhere(404))
  })

  it('counts by what the token was granted, not by what the pass holds', async () => {
    const reader = await createAgent(server, { scopes: ['activity:read', 'passes:read'] })
    const other = await createAgent(server, {}, reader.project)
    const token = await server.fetchToken(reader.pass.credentials, 'activity:read')
    expect(await statuses(token, reader.agentUserId)).toEqual(everywhere(200))
    expect(await statuses(token, other.agentUserId)).toEqual(everywhere(404))
  })

  it.each([['read'], ['passes:read'], ['passes:write']])('with %s alone is refused with 403', async scope => {
    const reader = await createAgent(server, { scopes: [scope] })
    const token = await server.fetchToken(reader.pass.credentials)
    expect(await statuses(token, reader.agentUserId)).toEqual(everywhere(403))
  })

  it('that has ended is refused with 401', async () => {
    const reader = await createAgent(server, { scopes: ['activity:read'], tokenTtl: 60 })
    const token = await server.fetchToken(reader.pass.credentials)
    server.clock.advance({ seconds: 60 })
    expect(await statuses(token, reader.agentUserId)).toEqual(everywhere(401))
  })
})

describe('an API key', () => {
  it('reads every agent of its project, by its id in any case', async () => {
    const agent = await createAgent(server)
    const other = await createAgent(server, {}, agent.project)
    expect(await statusesByKey(agent, other.agentUserId)).toEqual(everywhere(200))
    expect(await statusesByKey(agent, other.agentUserId.toUpperCase())).toEqual(everywhere(200))
  })

  it('answers the same for another project’s agent and for one that never was', async () => {
    const [agent, stranger] = [await createAgent(server), await createAgent(server)]
    const [theirs, nobodys] = await Promise.all(
      [stranger.agentUserId, crypto.randomUUID()].map(id =>
        getActivity(server, agent, 'logs', { agent_user_id: id }),
      ),
    )
    expect([theirs?.status, nobodys?.status]).toEqual([404, 404])
    expect({ ...theirs?.body, instance: '' }).toEqual({ ...nobodys?.body, instance: '' })
  })
})

describe('without a credential', () => {
  it.each(KINDS)('%s answers 401', async kind => {
    const answer = await server.http
      .get(`/v1/api/oauth/agent/activity/${kind}`)
      .query({ agent_user_id: crypto.randomUUID() })
    expect(answer.status).toBe(401)
  })
})

describe('the activity of a deleted pass', () => {
  it('is readable for the retention period, with its rows and its name, and then no more', async () => {
    const agent = await createAgent(server)
    await server.fetchToken(agent.pass.credentials)
    await deletePass(agent)
    const logs = await getActivity(server, agent, 'logs')
    expect(logs.body.logs).toEqual([expect.objectContaining({ activity_type: 'token_generation' })])
    server.clock.advance({ days: RETENTION_DAYS, ms: -1 })
    expect(await statusesByKey(agent, agent.agentUserId)).toEqual(everywhere(200))
    const exported = await getActivity(server, agent, 'export')
    expect(exported.headers['content-disposition']).toContain(`${agent.pass.attributes.passId}`)
    expect(exported.body).toHaveLength(1)
    server.clock.advance({ ms: 1 })
    expect(await statusesByKey(agent, agent.agentUserId)).toEqual(everywhere(404))
  })

  it('is readable by a pass that reads the project, and by no other project', async () => {
    const agent = await createAgent(server)
    const reader = await createAgent(server, { scopes: ['activity:read', 'passes:read'] }, agent.project)
    const narrow = await createAgent(server, { scopes: ['activity:read'] }, agent.project)
    const stranger = await createAgent(server)
    await deletePass(agent)
    const wide = await server.fetchToken(reader.pass.credentials)
    expect(await statuses(wide, agent.agentUserId)).toEqual(everywhere(200))
    const own = await server.fetchToken(narrow.pass.credentials)
    expect(await statuses(own, agent.agentUserId)).toEqual(everywhere(404))
    expect(await statusesByKey(stranger, agent.agentUserId)).toEqual(everywhere(404))
  })

  it('is not readable by its own token, which ended with it', async () => {
    const agent = await createAgent(server, { scopes: ['activity:read'] })
    const token = await server.fetchToken(agent.pass.credentials)
    await deletePass(agent)
    expect(await statuses(token, agent.agentUserId)).toEqual(everywhere(401))
  })
})
