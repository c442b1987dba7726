import {
  batchesOver,
  commitDrafts,
  createAgent,
  draftOf,
  getActivity,
  type TestAgent,
} from '../activity/support.ts'
import { TestClock } from '../support/clock.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer({ clock: new TestClock('2030-01-20T23:59:59.999Z') })
})
afterAll(() => server.close())

async function partitions(): Promise<string[]> {
  const rows = await server.deps.database.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'activity'::regclass order by 1`,
  )
  return rows.map(row => row.name)
}

/** The partitions that the rows of an agent are in, oldest row first. */
async function homes(agent: TestAgent): Promise<string[]> {
  const rows = await server.deps.database.query<{ home: string }>(
    'select tableoid::regclass::text as home from activity where agent_user_id = $1 order by started_at',
    [agent.agentUserId],
  )
  return rows.map(row => row.home)
}

/** Commits one row that starts when the clock says. */
async function commitNow(agent: TestAgent): Promise<void> {
  await commitDrafts(server, [draftOf(agent, { startedAt: server.clock.now() })])
}

describe('the weekly partitions', () => {
  it('of now and of the next week exist after the first commit', async () => {
    server.clock.set('2031-03-05T12:00:00.000Z')
    await commitNow(await createAgent(server))
    expect(await partitions()).toEqual(expect.arrayContaining(['activity_20310303', 'activity_20310310']))
  })

  it('hold the rows of their week, from Monday at midnight UTC', async () => {
    const agent = await createAgent(server)
    for (const instant of [
      '2032-01-04T23:59:59.999Z',
      '2032-01-05T00:00:00.000Z',
      '2032-01-11T23:59:59.999Z',
    ]) {
      server.clock.set(instant)
      await commitNow(agent)
    }
    server.clock.advance({ ms: 1 })
    await commitNow(agent)
    expect(await homes(agent)).toEqual([
      'activity_20311229',
      'activity_20320105',
      'activity_20320105',
      'activity_20320112',
    ])
  })

  it('follow a clock that jumps by a year, forwards and back', async () => {
    const agent = await createAgent(server)
    for (const instant of [
      '2033-06-15T00:00:00.000Z',
      '2034-06-15T00:00:00.000Z',
      '2033-06-16T00:00:00.000Z',
    ]) {
      server.clock.set(instant)
      await commitNow(agent)
    }
    expect(await homes(agent)).toEqual(['activity_20330613', 'activity_20330613', 'activity_20340612'])
    expect(await partitions()).not.toContain('activity_20330919')
  })

  it('are made by two nodes at once', async () => {
    server.clock.set('2035-02-07T00:00:00.000Z')
    const agents = await Promise.all([createAgent(server), createAgent(server)])
    const second =
      server.deps.database.kind === 'postgresql'
        ? await startServer({ place: server.place, clock: server.clock })
        : undefined
    await Promise.all([
      commitNow(agents[0]),
      second && commitDrafts(second, [draftOf(agents[1], { startedAt: server.clock.now() })]),
    ])
    await second?.close()
    expect(await homes(agents[0])).toEqual(['activity_20350205'])
    expect(await homes(agents[1])).toEqual(second ? ['activity_20350205'] : [])
  })
})

describe('rows for which there is no partition', () => {
  it('go to the default one and are found in log, export and metrics', async () => {
    server.clock.set('2036-05-07T10:00:00.000Z')
    const agent = await createAgent(server)
    await commitNow(agent)
    const write = await batchesOver(server, 1_001)
    const early = { startedAt: Date.parse('2028-05-07T10:30:00.000Z'), endpoint: '/early' }
    await write([{ events: [draftOf(agent, early)] }])
    expect(await homes(agent)).toEqual(['activity_default', 'activity_20360505'])

    const logs = await getActivity(server, agent, 'logs', { sort_order: 'asc' })
    expect(logs.body.logs.map((row: { endpoint: string }) => row.endpoint)).toEqual(['/early', '/things'])
    const exported = await getActivity(server, agent, 'export', { end_date: '2029-01-01T00:00Z' })
    expect(exported.body).toHaveLength(1)
    const metrics = await getActivity(server, agent, 'metrics', {
      start_date: '2028-05-07T10:15:00Z',
      end_date: '2028-05-07T10:45:00Z',
      group_by: 'hour',
    })
    expect(metrics.body.summary.total_requests).toBe(1)
  })

  it('do not stop the commits of a week that has some in the default one', async () => {
    const agent = await createAgent(server)
    const write = await batchesOver(server, 1_001)
    const ahead = { startedAt: Date.parse('2037-08-05T10:00:00.000Z'), endpoint: '/ahead' }
    await write([{ events: [draftOf(agent, ahead)] }])
    server.clock.set('2037-08-06T10:00:00.000Z')
    await commitNow(agent)
    expect(await homes(agent)).toEqual(['activity_default', 'activity_default'])
    const logs = await getActivity(server, agent, 'logs')
    expect(logs.body.total).toBe(2)
  })
})
