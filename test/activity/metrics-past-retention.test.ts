import { startServer, type TestServer } from '../support/server.ts'
import { commitDrafts, createAgent, draftOf, getActivity, type TestAgent } from './support.ts'

const RETENTION_DAYS = 30
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** A Wednesday. */
const START = Date.parse('2030-01-16T10:00:00.000Z')

let server: TestServer
beforeAll(async () => {
  server = await startServer({ env: { RETENTION_DAYS: String(RETENTION_DAYS) } })
})
afterAll(() => server.close())
beforeEach(() => server.clock.set(START))

/** An agent with a call every ten minutes of three hours, 18 in all. */
async function busyAgent(): Promise<TestAgent> {
  const agent = await createAgent(server)
  await commitDrafts(
    server,
    Array.from({ length: 18 }, (_, index) => draftOf(agent, { startedAt: START + index * 600_000 + 60_000 })),
  )
  return agent
}

/** From the middle of the first hour to the middle of the third. */
const CUT = {
  start_date: new Date(START + HOUR_MS / 2).toISOString(),
  end_date: new Date(START + 2.5 * HOUR_MS).toISOString(),
  group_by: 'hour',
}

const askCut = async (agent: TestAgent, query: Record<string, string> = {}) =>
  (await getActivity(server, agent, 'metrics', { ...CUT, ...query })).body

const perHour = (body: { data: { total_requests: number }[] }) => body.data.map(hour => hour.total_requests)

describe('metrics of a range that cuts an hour', () => {
  it('are cut exactly there as long as its rows are kept', async () => {
    const body = await askCut(await busyAgent())
    expect(body).toMatchObject({ start_date: CUT.start_date, end_date: CUT.end_date })
    expect(perHour(body)).toEqual([3, 6, 3])
  })

  it('have the whole hour once its rows are gone, and say so', async () => {
    const agent = await busyAgent()
    server.clock.set(START + (RETENTION_DAYS + 14) * DAY_MS)
    await server.deps.retention.run()
    expect((await getActivity(server, agent, 'logs')).body.total).toBe(0)
    const body = await askCut(agent)
    expect(body).toMatchObject({
      start_date: new Date(START).toISOString(),
      end_date: new Date(START + 3 * HOUR_MS).toISOString(),
      summary: { total_requests: 18 },
    })
    expect(perHour(body)).toEqual([6, 6, 6])
  })

  it('have it from the moment on that its rows may be gone', async () => {
    const agent = await busyAgent()
    server.clock.set(Date.parse(CUT.start_date) + RETENTION_DAYS * DAY_MS)
    expect(await askCut(agent)).toMatchObject({ start_date: CUT.start_date, end_date: CUT.end_date })
    server.clock.advance({ ms: 1 })
    expect(await askCut(agent)).toMatchObject({
      start_date: new Date(START).toISOString(),
      end_date: CUT.end_date,
    })
  })

  it('of passes that are ranked say so as well', async () => {
    const agent = await busyAgent()
    server.clock.set(START + (RETENTION_DAYS + 14) * DAY_MS)
    const { start_date, end_date } = CUT
    const { body } = await server.http
      .get(`${agent.project.path}/activity/passes`)
      .set('Api-Key', agent.project.apiKey)
      .query({ start_date, end_date })
    expect(body).toMatchObject({
      start_date: new Date(START).toISOString(),
      end_date: new Date(START + 3 * HOUR_MS).toISOString(),
    })
    expect(body.passes[0].total_requests).toBe(18)
  })

  it('that lies within one hour have all of it', async () => {
    const agent = await busyAgent()
    server.clock.set(START + (RETENTION_DAYS + 14) * DAY_MS)
    const end_date = new Date(START + HOUR_MS / 2 + 60_000).toISOString()
    const body = await askCut(agent, { end_date })
    expect(body).toMatchObject({
      start_date: new Date(START).toISOString(),
      end_date: new Date(START + HOUR_MS).toISOString(),
      summary: { total_requests: 6 },
    })
  })
})
