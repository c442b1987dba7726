import { startServer, type TestServer } from '../support/server.ts'
import { commitDrafts, createAgent, draftOf, getActivity } from './support.ts'

/** A Tuesday. */
const NOW = '2030-01-15T10:20:30.000Z'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())
afterEach(() => server.clock.set(NOW))

const ZEROS = {
  total_requests: 0,
  success_count: 0,
  error_count: 0,
  avg_latency_ms: 0,
  p95_latency_ms: 0,
  unique_endpoints: 0,
}

interface Period {
  readonly period_start: string
  readonly total_requests: number
}

const starts = (body: { data: Period[] }): string[] => body.data.map(period => period.period_start)

const HOUR_MS = 3_600_000

describe('the range of metrics', () => {
  it.each([
    ['hour', 24, HOUR_MS, '2030-01-14T11:00:00.000Z', '2030-01-15T10:00:00.000Z'],
    ['day', 30, 24 * HOUR_MS, '2029-12-17T00:00:00.000Z', '2030-01-15T00:00:00.000Z'],
    ['week', 12, 168 * HOUR_MS, '2029-10-29T00:00:00.000Z', '2030-01-14T00:00:00.000Z'],
  ])(
    'by %s is the last %i up to the end of this hour when none is given',
    async (grain, count, length, first, last) => {
      const agent = await createAgent(server)
      const { body } = await getActivity(server, agent, 'metrics', { group_by: grain })
      expect(starts(body)).toEqual(
        Array.from({ length: count }, (_, index) =>
          new Date(Date.parse(first) + index * length).toISOString(),
        ),
      )
      expect(starts(body).at(-1)).toBe(last)
      expect(body).toMatchObject({ start_date: first, end_date: '2030-01-15T11:00:00.000Z', group_by: grain })
    },
  )

  it('is by day when no grouping is given', async () => {
    const { body } = await getActivity(server, await createAgent(server), 'metrics')
    expect(body.group_by).toBe('day')
    expect(body.data).toHaveLength(30)
  })

  it('counts back from the end when that is given alone', async () => {
    const { body } = await getActivity(server, await createAgent(server), 'metrics', {
      end_date: '2029-06-10T00:00Z',
      group_by: 'day',
    })
    expect([starts(body)[0], starts(body).at(-1)]).toEqual([
      '2029-05-11T00:00:00.000Z',
      '2029-06-09T00:00:00.000Z',
    ])
  })

  it('has what happened this very moment', async () => {
    const agent = await createAgent(server)
    await server.fetchToken(agent.pass.credentials)
    for (const grain of ['hour', 'day', 'week']) {
      const { body } = await getActivity(server, agent, 'metrics', { group_by: grain })
      expect(body.data.at(-1)).toMatchObject({ total_requests: 1, success_count: 1, unique_endpoints: 1 })
    }
  })

  it('may have 2,000 periods and no more', async () => {
    const agent = await createAgent(server)
    const end = Date.parse('2030-01-15T00:00:00.000Z')
    const range = (hours: number) => ({
      start_date: new Date(end - hours * HOUR_MS).toISOString(),
      end_date: new Date(end).toISOString(),
      group_by: 'hour',
    })
    const most = await getActivity(server, agent, 'metrics', range(2000))
    expect(most.body.data).toHaveLength(2000)
    const tooMany = await getActivity(server, agent, 'metrics', range(2001))
    expect(tooMany.status).toBe(400)
    expect(tooMany.body).toMatchObject({
      code: 'validation_failed',
      errors: [{ parameter: 'start_date', detail: expect.stringContaining('2000') }],
    })
    const forEver = await getActivity(server, agent, 'metrics', {
      start_date: '1970-01-01',
      end_date: '9999-12-31T00:00Z',
    })
    expect(forEver.status).toBe(400)
  })

  it('that would begin after now is refused', async () => {
    const answer = await getActivity(server, await createAgent(server), 'metrics', {
      start_date: '2030-02-01',
    })
    expect(answer.status).toBe(400)
    expect(answer.body.errors[0].parameter).toBe('start_date')
  })
})

describe('the periods of metrics', () => {
  it('are present with zeros where nothing happened', async () => {
    const agent = await createAgent(server)
    await commitDrafts(server, [
      draftOf(agent, { startedAt: Date.parse('2030-01-10T00:00:00.000Z') }),
      draftOf(agent, { startedAt: Date.parse('2030-01-12T23:59:59.999Z') }),
    ])
    const { body } = await getActivity(server, agent, 'metrics', {
      start_date: '2030-01-09',
      end_date: '2030-01-14T00:00Z',
    })
    expect(body.data.map((period: Period) => period.total_requests)).toEqual([0, 1, 0, 1, 0])
    expect(body.data[0]).toEqual({ period_start: '2030-01-09T00:00:00.000Z', ...ZEROS })
    expect(body.data[2]).toEqual({ period_start: '2030-01-11T00:00:00.000Z', ...ZEROS })
  })

  it('of weeks begin on Monday at midnight UTC', async () => {
    const agent = await createAgent(server)
    await commitDrafts(
      server,
      ['2030-01-06T23:59:59.999Z', '2030-01-07T00:00:00.000Z', '2030-01-13T23:59:59.999Z'].map(instant =>
        draftOf(agent, { startedAt: Date.parse(instant) }),
      ),
    )
    const { body } = await getActivity(server, agent, 'metrics', {
      start_date: '2029-12-31',
      end_date: '2030-01-21T00:00Z',
      group_by: 'week',
    })
    expect(
      body.data.map((period: Period) => [period.period_start.slice(0, 10), period.total_requests]),
    ).toEqual([
      ['2029-12-31', 1],
      ['2030-01-07', 2],
      ['2030-01-14', 0],
    ])
  })

  it('that a range cuts have their whole start and what lies within the range', async () => {
    const agent = await createAgent(server)
    await commitDrafts(
      server,
      ['2030-01-10T09:00:00.000Z', '2030-01-10T11:00:00.000Z', '2030-01-12T11:00:00.000Z'].map(instant =>
        draftOf(agent, { startedAt: Date.parse(instant) }),
      ),
    )
    const { body } = await getActivity(server, agent, 'metrics', {
      start_date: '2030-01-10T10:00:00Z',
      end_date: '2030-01-12T10:00:00Z',
    })
    expect(body.data.map((period: Period) => [period.period_start, period.total_requests])).toEqual([
      ['2030-01-10T00:00:00.000Z', 1],
      ['2030-01-11T00:00:00.000Z', 0],
      ['2030-01-12T00:00:00.000Z', 0],
    ])
    expect(body.summary.total_requests).toBe(1)
  })
})

describe('the answer of metrics', () => {
  it('may be kept by its reader for 30 seconds', async () => {
    const { headers } = await getActivity(server, await createAgent(server), 'metrics')
    expect(headers['cache-control']).toBe('private, max-age=30')
  })

  it('has these members and no other', async () => {
    const { body } = await getActivity(server, await createAgent(server), 'metrics', { group_by: 'week' })
    expect(Object.keys(body).sort()).toEqual(['data', 'end_date', 'group_by', 'start_date', 'summary'])
    expect(body.summary).toEqual(ZEROS)
    expect(body.data[0]).toEqual({ period_start: expect.any(String), ...ZEROS })
  })

  it('counts an endpoint once in the summary, however many periods have it', async () => {
    const agent = await createAgent(server)
    const days = ['2030-01-10', '2030-01-11', '2030-01-12']
    await commitDrafts(
      server,
      days.flatMap(day => [
        draftOf(agent, { startedAt: Date.parse(day), endpoint: '/same' }),
        draftOf(agent, { startedAt: Date.parse(day), endpoint: `/only/${day}` }),
      ]),
    )
    const { body } = await getActivity(server, agent, 'metrics', {
      start_date: '2030-01-10',
      end_date: '2030-01-13T00:00Z',
    })
    expect(body.data.map((period: { unique_endpoints: number }) => period.unique_endpoints)).toEqual([
      2, 2, 2,
    ])
    expect(body.summary.unique_endpoints).toBe(4)
  })
})
