import { ACTIVITY_TYPES } from '../../src/record/kinds.ts'
import { startNode, startServer, type TestServer } from '../support/server.ts'
import { expectMetrics, metricsOf } from './brute-force.ts'
import {
  commitDrafts,
  createAgent,
  draftOf,
  getActivity,
  type StoredActivity,
  storedActivity,
  type TestAgent,
} from './support.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

/** A number below `limit` that looks random and is the same in each run. */
const mixed = (index: number, salt: number, limit: number): number =>
  (Math.imul(index * 2 + 1, 0x9e3779b1 ^ Math.imul(salt, 0x85ebca6b)) >>> 8) % limit

/** An agent that did 600 things of all kinds in the nine days before `2030-01-15T10:00Z`. */
async function busyAgent(): Promise<{ agent: TestAgent; rows: StoredActivity[] }> {
  const agent = await createAgent(server)
  const from = Date.parse('2030-01-06T10:00:00.000Z')
  const drafts = Array.from({ length: 600 }, (_, index) => {
    const success = mixed(index, 1, 5) > 0
    return draftOf(agent, {
      startedAt: from + mixed(index, 2, 9 * 86_400) * 1000 + mixed(index, 3, 1000),
      activityType: mixed(index, 4, 3) === 0 ? 'token_generation' : 'api_request',
      endpoint: `/items/${mixed(index, 5, 90)}`,
      durationMs: mixed(index, 6, 4) === 0 ? mixed(index, 7, 9000) : mixed(index, 7, 60),
      success,
      statusCode: success ? 200 : 500,
    })
  })
  const errors = Array.from({ length: 60 }, (_, index) =>
    draftOf(agent, {
      startedAt: from + index * 12_345_678,
      activityType: 'error',
      endpoint: '/v1/api/oauth/token',
      success: false,
      statusCode: 401,
    }),
  )
  // Two nodes write them at the same time, each into rollups of its own.
  const node = await startNode(server)
  const all = [...drafts, ...errors]
  await Promise.all([
    commitDrafts(
      server,
      all.filter((_, index) => index % 2 === 0),
    ),
    commitDrafts(
      node,
      all.filter((_, index) => index % 2 === 1),
    ),
  ])
  await node.close()
  const rows = await storedActivity(server.deps.database, agent.agentUserId)
  expect(rows).toHaveLength(660)
  return { agent, rows }
}

let busy: { agent: TestAgent; rows: StoredActivity[] }

beforeAll(async () => {
  busy = await busyAgent()
})

const RANGES = [
  ['with partial hours at both edges', '2030-01-08T10:17:23.456Z', '2030-01-14T21:42:07.001Z'],
  ['of whole days', '2030-01-08T00:00:00.000Z', '2030-01-14T00:00:00.000Z'],
  ['of whole hours', '2030-01-08T07:00:00.000Z', '2030-01-12T19:00:00.000Z'],
  ['of everything', '2030-01-01T00:00:00.000Z', '2030-01-31T00:00:00.000Z'],
  ['within an hour', '2030-01-10T10:10:00.000Z', '2030-01-10T10:50:00.000Z'],
  ['across an hour and no whole one', '2030-01-10T10:30:00.000Z', '2030-01-10T11:29:59.999Z'],
  ['of a millisecond', '2030-01-10T10:30:00.000Z', '2030-01-10T10:30:00.001Z'],
  ['that begins within an hour alone', '2030-01-09T23:59:59.999Z', '2030-01-11T00:00:00.000Z'],
  ['that ends within an hour alone', '2030-01-09T00:00:00.000Z', '2030-01-11T00:00:00.001Z'],
] as const

describe.each(RANGES)('the metrics of a range %s', (_name, start, end) => {
  it.each(['hour', 'day', 'week'] as const)('by %s are those of its rows', async grain => {
    const query = { start_date: start, end_date: end, group_by: grain }
    const { status, body } = await getActivity(server, busy.agent, 'metrics', query)
    expect(status).toBe(200)
    expectMetrics(body, metricsOf(busy.rows, start, end, grain))
    expect(body).toMatchObject({ start_date: start, end_date: end, group_by: grain })
  })

  it.each(ACTIVITY_TYPES)('of the type %s are those of its rows', async type => {
    const query = { start_date: start, end_date: end, activity_type: type }
    const { body } = await getActivity(server, busy.agent, 'metrics', query)
    const rows = busy.rows.filter(row => row.activityType === type)
    expectMetrics(body, metricsOf(rows, start, end, 'day'))
  })
})

describe('the metrics of an agent', () => {
  it('add up over neighbouring ranges, wherever they are cut', async () => {
    const cuts = [
      '2030-01-01T00:00:00Z',
      '2030-01-09T03:14:15.926Z',
      '2030-01-12T06:00:00Z',
      '2030-02-01T00:00:00Z',
    ]
    const totals = []
    for (const [index, start] of cuts.slice(0, -1).entries()) {
      const query = { start_date: start, end_date: cuts[index + 1] ?? '' }
      const { body } = await getActivity(server, busy.agent, 'metrics', query)
      totals.push(body.summary.total_requests)
    }
    expect(totals.every(total => total > 0)).toBe(true)
    expect(totals.reduce((sum, total) => sum + total, 0)).toBe(busy.rows.length)
  })

  it('have nothing of another agent’s', async () => {
    const idle = await createAgent(server, {}, busy.agent.project)
    const { body } = await getActivity(server, idle, 'metrics', { start_date: '2030-01-01' })
    expect(body.summary).toEqual({
      total_requests: 0,
      success_count: 0,
      error_count: 0,
      avg_latency_ms: 0,
      p95_latency_ms: 0,
      unique_endpoints: 0,
    })
  })
})
