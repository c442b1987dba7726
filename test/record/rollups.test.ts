import type { Act } from '../../src/record/record-batch.ts'
import type { Recorder } from '../../src/record/recorder.ts'
import { expectFigures, expectMetrics, figuresOf, metricsOf } from '../activity/brute-force.ts'
import {
  commitDrafts,
  createAgent,
  draftOf,
  getActivity,
  recorderOver,
  storedActivity,
  type TestAgent,
} from '../activity/support.ts'
import { startServer, type TestServer } from '../support/server.ts'

const RANGE = { start_date: '2030-01-14T00:00:00.000Z', end_date: '2030-01-16T00:00:00.000Z' }
const DAY = Date.parse('2030-01-15T00:00:00.000Z')

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

/**
 * A second node of the same database, and how to stop it: a server of its own, or on the embedded database, which
 * belongs to one process, a recorder with a number of its own.
 */
async function secondNode(): Promise<{ recorder: Recorder; stop: () => Promise<void> }> {
  if (server.deps.database.kind === 'postgresql') {
    const second = await startServer({ place: server.place, clock: server.clock })
    return { recorder: second.deps.record.recorder, stop: () => second.close() }
  }
  return recorderOver(server.deps.database, server.clock)
}

async function metrics(agent: TestAgent, query: Record<string, string> = RANGE) {
  const { status, body } = await getActivity(server, agent, 'metrics', query)
  expect(status).toBe(200)
  return body
}

/** The 300 acts of two agents: grants, calls and refusals, good and bad, short and long, in three hours. */
function mixedActs(agents: readonly TestAgent[]): Act[] {
  return Array.from({ length: 300 }, (_, index): Act => {
    const agent = agents[index % agents.length]
    if (!agent) throw new Error('no agent')
    const success = index % 7 > 0
    const startedAt = DAY + (index % 3) * 3_600_000 + index * 1000
    const metadata = { secret_id: agent.pass.id }
    const common = { startedAt, durationMs: (index * 37) % 2500, endpoint: `/items/${index % 41}`, metadata }
    const kinds = [
      draftOf(agent, { ...common, success, statusCode: success ? 200 : 404 }),
      draftOf(agent, { ...common, activityType: 'token_generation' }),
      draftOf(agent, { ...common, activityType: 'error', success: false, statusCode: 401 }),
    ]
    return {
      checks: [{ passId: agent.pass.id, version: 1 }],
      events: kinds.slice(index % 3, (index % 3) + 1),
    }
  })
}

describe('the rollups', () => {
  it('equal the rows after 300 concurrent acts of two nodes', async () => {
    const agents = [await createAgent(server), await createAgent(server)]
    const node = await secondNode()
    const acts = mixedActs(agents)
    const outcomes = await Promise.all(
      acts.map((act, index) => (index % 4 < 2 ? server.deps.record.recorder : node.recorder).commit(act)),
    )
    expect(new Set(outcomes)).toEqual(new Set(['committed']))
    await node.stop()
    for (const agent of agents) {
      const rows = await storedActivity(server.deps.database, agent.agentUserId)
      expect(rows).toHaveLength(150)
      for (const grain of ['hour', 'day'] as const)
        expectMetrics(
          await metrics(agent, { ...RANGE, group_by: grain }),
          metricsOf(rows, RANGE.start_date, RANGE.end_date, grain),
        )
      const nodes = await server.deps.database.query<{ node: number }>(
        'select distinct node from activity_rollups where agent_user_id = $1',
        [agent.agentUserId],
      )
      expect(nodes).toHaveLength(2)
      const [used] = await server.deps.database.query<{ uses: number }>(
        'select sum(uses)::int as uses from pass_usage where agent_user_id = $1',
        [agent.agentUserId],
      )
      expect(used?.uses).toBe(100)
    }
  })

  it('equal the rows of concurrent requests, granted and refused', async () => {
    const agent = await createAgent(server)
    const { clientId, clientSecret } = agent.pass.credentials
    const request = (scope: string) =>
      server.http.post('/v1/api/oauth/token').type('form').auth(clientId, clientSecret).send({
        grant_type: 'client_credentials',
        scope,
      })
    await Promise.all(Array.from({ length: 40 }, (_, index) => request(index % 4 === 0 ? 'admin' : 'read')))
    const rows = await storedActivity(server.deps.database, agent.agentUserId)
    expect(rows).toHaveLength(40)
    const body = await metrics(agent)
    expect(body.summary).toMatchObject({ total_requests: 40, success_count: 30, error_count: 10 })
    expectFigures(body.summary, figuresOf(rows))
  })

  it('outlive the rows', async () => {
    const agent = await createAgent(server)
    await commitDrafts(
      server,
      Array.from({ length: 50 }, (_, index) =>
        draftOf(agent, {
          startedAt: DAY + index * 60_000,
          endpoint: `/${index % 9}`,
          durationMs: index * 40,
        }),
      ),
    )
    const before = await metrics(agent)
    expect(before.summary).toMatchObject({ total_requests: 50, unique_endpoints: 9 })
    await server.deps.database.query('delete from activity where agent_user_id = $1', [agent.agentUserId])
    expect(await metrics(agent)).toEqual(before)
  })
})

describe('the number of distinct endpoints', () => {
  it.each([
    ['of whole hours', RANGE],
    ['of a part of an hour', { start_date: '2030-01-15T00:00:00.001Z', end_date: '2030-01-15T00:59:00Z' }],
  ])('%s is exact to 1,000', async (_span, range) => {
    const agent = await createAgent(server)
    const drafts = Array.from({ length: 1000 }, (_, index) =>
      draftOf(agent, { startedAt: DAY + 60_000, endpoint: `/items/${index}` }),
    )
    await commitDrafts(server, drafts.slice(0, 700))
    await commitDrafts(server, [...drafts.slice(700), ...repeated(drafts.slice(0, 300))])
    expect((await metrics(agent, range)).summary).toMatchObject({
      total_requests: 1300,
      unique_endpoints: 1000,
    })
  })

  it('is within 2% at 1,500, in a day and over several', async () => {
    const agent = await createAgent(server)
    for (const part of [0, 1, 2]) {
      const drafts = Array.from({ length: 500 }, (_, index) =>
        draftOf(agent, { startedAt: DAY + part * 3_600_000, endpoint: `/items/${part * 500 + index}` }),
      )
      await commitDrafts(server, drafts)
      await commitDrafts(
        server,
        repeated(drafts).map(draft => ({ ...draft, startedAt: draft.startedAt - 86_400_000 })),
      )
    }
    const body = await metrics(agent)
    expect(body.summary.total_requests).toBe(3000)
    for (const figures of [...body.data, body.summary])
      expect(Math.abs(figures.unique_endpoints - 1500)).toBeLessThanOrEqual(30)
    const byHour = await metrics(agent, { ...RANGE, group_by: 'hour' })
    expect(
      byHour.data.filter((period: { unique_endpoints: number }) => period.unique_endpoints === 500),
    ).toHaveLength(6)
  })
})

/** The same again, as rows of their own. */
function repeated(drafts: readonly ReturnType<typeof draftOf>[]): ReturnType<typeof draftOf>[] {
  return drafts.map(draft => ({ ...draft, id: crypto.randomUUID() }))
}

describe('the 95th percentile of what the recorder wrote', () => {
  it.each([
    ['equal latencies', () => 640],
    ['an even spread', (index: number) => index * 10],
    ['two humps', (index: number) => (index % 20 === 0 ? 60_000 + index : 15)],
    ['a long tail', (index: number) => Math.round(20 * 1.03 ** index)],
  ])('is within 1%% of exact for %s', async (_name, latency) => {
    const agent = await createAgent(server)
    await commitDrafts(
      server,
      Array.from({ length: 300 }, (_, index) =>
        draftOf(agent, { startedAt: DAY + index, durationMs: latency(index) }),
      ),
    )
    const rows = await storedActivity(server.deps.database, agent.agentUserId)
    expectFigures((await metrics(agent)).summary, figuresOf(rows))
    const part = { start_date: '2030-01-15T00:00:00.000Z', end_date: '2030-01-15T00:30:00.000Z' }
    expectFigures((await metrics(agent, part)).summary, figuresOf(rows))
  })
})
