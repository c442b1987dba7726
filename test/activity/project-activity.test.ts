import { startNode, startServer, type TestProject, type TestServer } from '../support/server.ts'
import { expectFigures, expectMetrics, figuresOf, metricsOf } from './brute-force.ts'
import {
  commitDrafts,
  createAgent,
  draftOf,
  type StoredActivity,
  storedActivity,
  type TestAgent,
} from './support.ts'

const RETENTION_DAYS = 30
const FROM = Date.parse('2030-01-06T10:00:00.000Z')
const NOW = '2030-01-15T10:20:30.000Z'

let server: TestServer
let project: TestProject
/** Thirteen agents, which is more than are read at once; the pass of the last has been deleted. */
let agents: TestAgent[]
let rows: Map<string, StoredActivity[]>

beforeAll(async () => {
  server = await startServer({ env: { RETENTION_DAYS: String(RETENTION_DAYS) } })
  project = await server.createProject()
  agents = []
  for (let index = 0; index < 13; index += 1)
    agents.push(await createAgent(server, { title: `Agent ${index}` }, project))
  await addNoise()
  const node = await startNode(server)
  const drafts = agents.flatMap((agent, own) =>
    Array.from({ length: 10 + own * 3 }, (_, index) => {
      const failed = (index * 7 + own) % (own + 2) === 0
      return draftOf(agent, {
        startedAt: FROM + ((index * 104_729 + own * 7_919) % (8 * 86_400)) * 1000,
        activityType: index % 3 === 0 ? 'token_generation' : 'api_request',
        endpoint: `/items/${(index + own) % 17}`,
        durationMs: (index * 37 + own * 91) % 900,
        success: !failed,
        statusCode: failed ? 500 : 200,
      })
    }),
  )
  await Promise.all([
    commitDrafts(
      server,
      drafts.filter((_, index) => index % 2 === 0),
    ),
    commitDrafts(
      node,
      drafts.filter((_, index) => index % 2 === 1),
    ),
  ])
  await node.close()
  await deletePass(agents.at(-1))
  rows = new Map()
  for (const { agentUserId } of agents)
    rows.set(agentUserId, await storedActivity(server.deps.database, agentUserId))
})
afterAll(() => server.close())
afterEach(() => server.clock.set(NOW))

/** Another project in the same database, whose rows must be in no answer. */
async function addNoise(): Promise<void> {
  const stranger = await createAgent(server)
  await commitDrafts(
    server,
    Array.from({ length: 40 }, (_, index) => draftOf(stranger, { startedAt: FROM + index * 1_000_000 })),
  )
}

async function deletePass(agent: TestAgent | undefined): Promise<void> {
  const answer = await server.http
    .delete(`${project.path}/sentinel_passes/${agent?.pass.id}`)
    .set('Api-Key', project.apiKey)
  expect(answer.status).toBe(204)
}

const ask = (what: string, query: object = {}) =>
  server.http.get(`${project.path}/activity/${what}`).set('Api-Key', project.apiKey).query(query)

const everyRow = () => [...rows.values()].flat()
const newestFirst = (found: readonly StoredActivity[]) =>
  found
    .toSorted((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1))
    .map(row => `${row.agentUserId} ${row.id}`)

interface Logged {
  readonly id: string
  readonly agent_user_id: string
}
const idsOf = (found: readonly Logged[]) => found.map(row => `${row.agent_user_id} ${row.id}`)

describe('the log of a project', () => {
  it('has every row of every agent once, newest first, by cursor', async () => {
    const read: string[] = []
    let query: object = { per_page: 50 }
    for (;;) {
      const { status, body } = await ask('logs', query)
      expect([status, body.total]).toEqual([200, everyRow().length])
      read.push(...idsOf(body.logs))
      if (body.next_cursor === null) break
      query = { per_page: 50, cursor: body.next_cursor }
    }
    expect(read).toEqual(newestFirst(everyRow()))
  })

  it('has the same rows by page', async () => {
    const read: string[] = []
    for (let page = 1; page <= 4; page += 1)
      read.push(...idsOf((await ask('logs', { per_page: 100, page })).body.logs))
    expect(read).toEqual(newestFirst(everyRow()).slice(0, 400))
  })

  it('filters and sorts over all agents', async () => {
    const query = { sort_by: 'duration_ms', sort_order: 'desc', success: 'false', per_page: 10 }
    const { body } = await ask('logs', query)
    const failed = everyRow().filter(row => !row.success)
    expect(body.total).toBe(failed.length)
    const longest = failed.map(row => row.durationMs).toSorted((a, b) => b - a)
    expect(body.logs.map((row: { duration_ms: number }) => row.duration_ms)).toEqual(longest.slice(0, 10))
  })

  it('is exported whole, under the name of the project', async () => {
    const answer = await ask('export', { sort_order: 'desc' })
    expect(answer.headers['content-disposition']).toBe(
      'attachment; filename="sentinel-pass-activity-project-20300115T102030Z.json"',
    )
    expect(idsOf(answer.body)).toEqual(newestFirst(everyRow()))
  })

  it('does not take the id of an agent, whose log is another', async () => {
    const { status, body } = await ask('logs', { agent_user_id: agents[0]?.agentUserId })
    expect([status, body.code]).toEqual([400, 'validation_failed'])
  })
})

const RANGES = [
  ['with partial hours at both edges', '2030-01-08T10:17:23.456Z', '2030-01-13T21:42:07.001Z'],
  ['of everything', '2030-01-01T00:00:00.000Z', '2030-01-31T00:00:00.000Z'],
  ['within an hour', '2030-01-10T10:10:00.000Z', '2030-01-10T10:50:00.000Z'],
] as const

describe.each(RANGES)('of a range %s', (_name, start, end) => {
  it.each(['hour', 'day', 'week'] as const)('the metrics by %s are those of the rows', async grain => {
    const { status, body } = await ask('metrics', { start_date: start, end_date: end, group_by: grain })
    expect(status).toBe(200)
    expectMetrics(body, metricsOf(everyRow(), start, end, grain))
  })

  it('each pass has the figures of its rows, and one that did nothing is left out', async () => {
    const { status, body } = await ask('passes', { start_date: start, end_date: end, limit: 100 })
    expect(status).toBe(200)
    const expected = new Map(
      [...rows].flatMap(([agent, own]) => {
        const within = own.filter(
          row => row.startedAt >= Date.parse(start) && row.startedAt < Date.parse(end),
        )
        return within.length > 0 ? [[agent, figuresOf(within)] as const] : []
      }),
    )
    expect(body.passes).toHaveLength(expected.size)
    for (const {
      id: _id,
      agent_user_id,
      pass_id: _passId,
      title: _title,
      deleted: _d,
      ...own
    } of body.passes) {
      const figures = expected.get(agent_user_id)
      if (!figures) throw new Error(`${agent_user_id} did nothing`)
      expectFigures(own, figures)
    }
  })
})

describe('the passes of a project', () => {
  const range = { start_date: '2030-01-01', end_date: '2030-01-31T00:00Z' }

  it.each(['total_requests', 'error_count', 'avg_latency_ms', 'p95_latency_ms'])(
    'are ranked by %s, the highest first, up to the limit',
    async sort_by => {
      const all = (await ask('passes', { ...range, sort_by, limit: 100 })).body.passes
      const figures: number[] = all.map((pass: Record<string, number>) => pass[sort_by])
      expect(figures).toEqual(figures.toSorted((a, b) => b - a))
      const { body } = await ask('passes', { ...range, sort_by, limit: 3 })
      expect(body).toMatchObject({ sort_by, passes: all.slice(0, 3) })
    },
  )

  it('say what they are called, and which have been deleted', async () => {
    const { body } = await ask('passes', { ...range, limit: 100 })
    const found = body.passes.map((pass: Record<string, unknown>) => [
      pass.id,
      pass.pass_id,
      pass.title,
      pass.deleted,
    ])
    const expected = agents.map(({ pass }, index) => [
      pass.id,
      pass.attributes.passId,
      `Agent ${index}`,
      index === agents.length - 1,
    ])
    expect(found.toSorted()).toEqual(expected.toSorted())
  })

  it('are ten, the slowest first, of the last 30 days when nothing is asked for', async () => {
    const { body } = await ask('passes')
    expect(body).toMatchObject({ sort_by: 'p95_latency_ms', end_date: '2030-01-15T11:00:00.000Z' })
    expect(body.start_date).toBe('2029-12-17T00:00:00.000Z')
    expect(body.passes).toHaveLength(10)
  })

  it.each([{ sort_by: 'title' }, { limit: 0 }, { limit: 101 }, { start_date: '2030-02-01' }])(
    'refuse %j',
    async query => {
      const { status, body } = await ask('passes', query)
      expect([status, body.code]).toEqual([400, 'validation_failed'])
    },
  )
})

it('an agent of a deleted pass counts for as long as its activity is kept', async () => {
  const other = await server.createProject()
  const agent = await createAgent(server, {}, other)
  await commitDrafts(server, [draftOf(agent)])
  await server.http.delete(`${other.path}/sentinel_passes/${agent.pass.id}`).set('Api-Key', other.apiKey)
  const read = async () => {
    const query = { start_date: '2030-01-01' }
    const [logs, metrics, passes] = await Promise.all(
      ['logs', 'metrics', 'passes'].map(what =>
        server.http.get(`${other.path}/activity/${what}`).set('Api-Key', other.apiKey).query(query),
      ),
    )
    return [logs?.body.total, metrics?.body.summary.total_requests, passes?.body.passes.length]
  }
  server.clock.advance({ days: RETENTION_DAYS, ms: -1 })
  expect(await read()).toEqual([1, 1, 1])
  server.clock.advance({ ms: 1 })
  expect(await read()).toEqual([0, 0, 0])
})

describe('a pass’s token', () => {
  const statusWith = async (scopes: readonly string[]) => {
    const reader = await createAgent(server, { scopes, permissions: [] }, await server.createProject())
    const token = await server.fetchToken(reader.pass.credentials)
    const answer = await server.http
      .get(`${reader.project.path}/activity/logs`)
      .auth(token, { type: 'bearer' })
    return [answer.status, answer.body.detail]
  }

  it('reads the project with activity:read and passes:read together, and with neither alone', async () => {
    expect(await statusWith(['activity:read', 'passes:read'])).toEqual([200, undefined])
    const refused = [403, 'The access token would need the scope activity:read and passes:read.']
    for (const scope of ['activity:read', 'passes:read']) expect(await statusWith([scope])).toEqual(refused)
  })
})
