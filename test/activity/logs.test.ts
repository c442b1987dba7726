import type { ActivityDraft } from '../../src/record/record-batch.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { commitDrafts, createAgent, draftOf, getActivity, type TestAgent } from './support.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

interface LogRow {
  readonly id: string
  readonly endpoint: string
  readonly [member: string]: unknown
}

async function endpoints(agent: TestAgent, query: Record<string, string | number | boolean>) {
  const { status, body } = await getActivity(server, agent, 'logs', { sort_order: 'asc', ...query })
  expect(status).toBe(200)
  return body.logs.map((row: LogRow) => row.endpoint)
}

const minute = (count: number): number => Date.parse('2030-01-15T10:00:00.000Z') + count * 60_000

/** An agent with one row for each of the drafts, a minute apart. */
async function agentWith(
  drafts: readonly (Partial<ActivityDraft> & { durationMs?: number })[],
): Promise<TestAgent> {
  const agent = await createAgent(server)
  await commitDrafts(
    server,
    drafts.map((draft, index) => draftOf(agent, { startedAt: minute(index), ...draft })),
  )
  return agent
}

describe('the pages of a log', () => {
  it('are of 25, newest first, unless something else is asked for', async () => {
    const agent = await agentWith(Array.from({ length: 30 }, (_, index) => ({ endpoint: `/${index}` })))
    const { body } = await getActivity(server, agent, 'logs')
    expect(body.logs.map((row: LogRow) => row.endpoint)).toEqual(
      Array.from({ length: 25 }, (_, index) => `/${29 - index}`),
    )
    expect(body).toEqual({
      logs: expect.any(Array),
      page: 1,
      per_page: 25,
      total: 30,
      total_pages: 2,
      next_cursor: expect.any(String),
    })
  })

  it.each([10, 25, 50, 100])('can be of %i', async perPage => {
    const agent = await agentWith(Array.from({ length: 101 }, (_, index) => ({ endpoint: `/${index}` })))
    const first = await getActivity(server, agent, 'logs', { per_page: perPage, sort_order: 'asc' })
    expect(first.body.logs).toHaveLength(perPage)
    expect(first.body).toMatchObject({ per_page: perPage, total: 101, total_pages: Math.ceil(101 / perPage) })
    const second = await getActivity(server, agent, 'logs', { per_page: perPage, sort_order: 'asc', page: 2 })
    expect(second.body.logs[0].endpoint).toBe(`/${perPage}`)
    expect(second.body.page).toBe(2)
  })

  it('are empty beyond the last', async () => {
    const agent = await agentWith([{}, {}])
    const { body } = await getActivity(server, agent, 'logs', { page: 2 })
    expect(body).toEqual({ logs: [], page: 2, per_page: 25, total: 2, total_pages: 1, next_cursor: null })
  })

  it('of an agent that did nothing say so', async () => {
    const { body } = await getActivity(server, await createAgent(server), 'logs')
    expect(body).toEqual({ logs: [], page: 1, per_page: 25, total: 0, total_pages: 0, next_cursor: null })
  })
})

describe('the filters of a log', () => {
  it('take the start and leave out the end of a range', async () => {
    const agent = await agentWith(['/0', '/1', '/2', '/3'].map(endpoint => ({ endpoint })))
    const at = (count: number) => new Date(minute(count)).toISOString()
    expect(await endpoints(agent, { start_date: at(1) })).toEqual(['/1', '/2', '/3'])
    expect(await endpoints(agent, { end_date: at(1) })).toEqual(['/0'])
    expect(await endpoints(agent, { start_date: at(1), end_date: at(3) })).toEqual(['/1', '/2'])
    expect(await endpoints(agent, { start_date: '2030-01-15T12:01:00+02:00' })).toEqual(['/1', '/2', '/3'])
    expect(await endpoints(agent, { start_date: '2030-01-15', end_date: '2030-01-16T00:00Z' })).toHaveLength(
      4,
    )
    expect(await endpoints(agent, { start_date: '2030-01-16' })).toEqual([])
  })

  it.each(['token_generation', 'api_request', 'error'] as const)('take the type %s alone', async type => {
    const agent = await agentWith([
      { activityType: 'token_generation', endpoint: '/token_generation' },
      { activityType: 'api_request', endpoint: '/api_request' },
      { activityType: 'error', endpoint: '/error' },
    ])
    const { body } = await getActivity(server, agent, 'logs', { activity_type: type })
    expect(body.logs).toEqual([expect.objectContaining({ activity_type: type, endpoint: `/${type}` })])
    expect(body.total).toBe(1)
  })

  it.each([
    ['items', ['/v1/items/7', '/v2/items']],
    ['/v1/', ['/v1/items/7', '/v1/100%']],
    ['%', ['/v1/100%', '/a%b']],
    ['a%b', ['/a%b']],
    ['a_b', ['/a_b']],
    ['_', ['/a_b']],
    ['\\', ['/a\\b']],
    ['ITEMS', []],
    ["'; drop table activity; --", []],
  ])('find %s as it stands in the endpoint', async (part, found) => {
    const agent = await agentWith(
      ['/v1/items/7', '/v2/items', '/v1/100%', '/a%b', '/aXb', '/a_b', '/a\\b'].map(endpoint => ({
        endpoint,
      })),
    )
    expect(await endpoints(agent, { endpoint: part })).toEqual(found)
  })

  it('tell successes from failures', async () => {
    const agent = await agentWith([
      { endpoint: '/good' },
      { endpoint: '/bad', success: false, statusCode: 500 },
    ])
    expect(await endpoints(agent, { success: true })).toEqual(['/good'])
    expect(await endpoints(agent, { success: false })).toEqual(['/bad'])
  })

  it('hold together', async () => {
    const agent = await agentWith([
      { endpoint: '/x/0' },
      { endpoint: '/x/1', success: false },
      { endpoint: '/y/2' },
      { endpoint: '/x/3' },
      { endpoint: '/x/4', activityType: 'token_generation' },
    ])
    const filters = { endpoint: '/x/', success: true, activity_type: 'api_request' }
    expect(await endpoints(agent, filters)).toEqual(['/x/0', '/x/3'])
    expect(await endpoints(agent, { ...filters, start_date: new Date(minute(1)).toISOString() })).toEqual([
      '/x/3',
    ])
  })

  it('never show another agent’s rows', async () => {
    const [one, other] = [await agentWith([{ endpoint: '/one' }]), await agentWith([{ endpoint: '/other' }])]
    expect(await endpoints(one, {})).toEqual(['/one'])
    expect(await endpoints(other, {})).toEqual(['/other'])
  })
})

describe('the order of a log', () => {
  // Members rise in different orders, so that no two of them sort alike; rows 3 and 4 tie but for their time.
  const DRAFTS = [
    {
      endpoint: '/d',
      durationMs: 90_000,
      statusCode: 404,
      success: false,
      httpMethod: 'PUT',
      clientIp: '192.0.2.3',
    },
    { endpoint: '/b', durationMs: 600_000, statusCode: 200, httpMethod: 'GET', clientIp: '192.0.2.1' },
    {
      endpoint: '/a',
      durationMs: 300_000,
      statusCode: 500,
      success: false,
      httpMethod: 'POST',
      clientIp: null,
    },
    { endpoint: '/c', durationMs: 30_000, statusCode: 201, httpMethod: 'DELETE', clientIp: '192.0.2.2' },
    {
      endpoint: '/c',
      durationMs: 31_000,
      statusCode: 201,
      httpMethod: 'DELETE',
      clientIp: '192.0.2.2',
      activityType: 'token_generation',
    },
  ] as const

  // Which rows come in which order, rising and falling. An address that is not known comes last either way.
  it.each([
    ['started_at', [0, 1, 2, 3, 4], [4, 3, 2, 1, 0]],
    ['completed_at', [0, 3, 4, 2, 1], [1, 2, 4, 3, 0]],
    ['duration_ms', [3, 4, 0, 2, 1], [1, 2, 0, 4, 3]],
    ['status_code', [1, 3, 4, 0, 2], [2, 0, 4, 3, 1]],
    ['endpoint', [2, 1, 3, 4, 0], [0, 4, 3, 1, 2]],
    ['http_method', [3, 4, 1, 2, 0], [0, 2, 1, 4, 3]],
    ['activity_type', [0, 1, 2, 3, 4], [4, 3, 2, 1, 0]],
    ['success', [0, 2, 1, 3, 4], [4, 3, 1, 2, 0]],
    ['client_ip', [1, 3, 4, 0, 2], [0, 4, 3, 1, 2]],
  ])('by %s', async (field, rising, falling) => {
    const agent = await agentWith(DRAFTS)
    for (const [order, positions] of [
      ['asc', rising],
      ['desc', falling],
    ] as const) {
      const { body } = await getActivity(server, agent, 'logs', { sort_by: field, sort_order: order })
      const found = body.logs.map(
        (row: { started_at: string }) => (Date.parse(row.started_at) - minute(0)) / 60_000,
      )
      expect(found).toEqual(positions)
    }
  })

  it('is whole over the pages of any field', async () => {
    const agent = await agentWith(
      Array.from({ length: 23 }, (_, index) => ({ endpoint: `/${index}`, statusCode: 200 + (index % 2) })),
    )
    const pages = await Promise.all(
      [1, 2, 3].map(page => endpoints(agent, { sort_by: 'status_code', page, per_page: 10 })),
    )
    expect(pages.map(page => page.length)).toEqual([10, 10, 3])
    expect(new Set(pages.flat()).size).toBe(23)
  })
})
