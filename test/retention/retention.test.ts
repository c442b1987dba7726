import { Partitions } from '../../src/activity/partitions.ts'
import { commitDrafts, createAgent, draftOf, getActivity, insertRows } from '../activity/support.ts'
import { logger } from '../support/backend.ts'
import { TestClock } from '../support/clock.ts'
import { introspect, managementOf } from '../support/management.ts'
import { startServer, type TestServer } from '../support/server.ts'

const DAY_MS = 86_400_000
const RETENTION_DAYS = 30

let server: TestServer

// A server of its own for each: what one test leaves behind is another's to delete.
beforeEach(async () => {
  server = await startServer({
    clock: new TestClock('2030-01-16T10:00:00.000Z'),
    env: { RETENTION_DAYS: String(RETENTION_DAYS) },
  })
})
afterEach(() => server.close())

const count = async (what: string): Promise<number> =>
  (await server.deps.database.query<{ count: number }>(`select count(*)::int as count from ${what}`))[0]
    ?.count ?? 0

async function partitions(): Promise<string[]> {
  const rows = await server.deps.database.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'activity'::regclass order by 1`,
  )
  return rows.map(row => row.name)
}

/** Waits for the next turn, by the test's clock, and takes it. */
async function sweep() {
  server.clock.advance({ minutes: 5 })
  const swept = await server.deps.retention.run()
  if (!swept) throw new Error('It was not its turn')
  return swept
}

describe('activity past the retention period', () => {
  // The week of Monday 14 January ends with the 20th.
  const END_MS = Date.parse('2030-01-21T00:00:00.000Z') + RETENTION_DAYS * DAY_MS

  it('is dropped by the week, exactly when all rows of the week are past it', async () => {
    const agent = await createAgent(server)
    await commitDrafts(server, [draftOf(agent, { startedAt: server.clock.now() })])
    expect(await partitions()).toEqual(['activity_20300114', 'activity_20300121', 'activity_default'])
    server.clock.set(END_MS - 1)
    await server.deps.retention.run()
    expect(await partitions()).toContain('activity_20300114')
    expect((await getActivity(server, agent, 'logs')).body.total).toBe(1)
    const weeks = new Partitions(server.deps.database, logger)
    await weeks.dropBefore(new Date(END_MS - RETENTION_DAYS * DAY_MS - 1), 1)
    expect(await partitions()).toContain('activity_20300114')
    await weeks.dropBefore(new Date(END_MS - RETENTION_DAYS * DAY_MS), 1)
    expect(await partitions()).toEqual(['activity_20300121', 'activity_default'])
    expect((await getActivity(server, agent, 'logs')).body.total).toBe(0)
  })

  it('is dropped at the turn of a node', async () => {
    const agent = await createAgent(server)
    await commitDrafts(server, [draftOf(agent, { startedAt: server.clock.now() })])
    server.clock.set(END_MS)
    await server.deps.retention.run()
    expect(await partitions()).toEqual(['activity_20300121', 'activity_default'])
  })

  it('stays in the metrics: the rollups outlive the rows', async () => {
    const agent = await createAgent(server)
    const startedAt = server.clock.now()
    await commitDrafts(server, [draftOf(agent, { startedAt }), draftOf(agent, { startedAt })])
    server.clock.set(END_MS)
    await sweep()
    expect(await count('activity')).toBe(0)
    const metrics = await getActivity(server, agent, 'metrics', {
      start_date: '2030-01-16',
      end_date: '2030-01-17',
    })
    expect(metrics.body.summary.total_requests).toBe(2)
  })

  it('is deleted row by row where it lies in the default partition, in batches', async () => {
    const agent = await createAgent(server)
    await insertRows(server, agent, 5_001, '2029-01-01T00:00:00.000Z')
    await insertRows(server, agent, 3, '2030-01-10T00:00:00.000Z')
    expect(await count('activity_default')).toBe(5_004)
    expect(await sweep()).toMatchObject({ activity: 5_001 })
    expect(await count('activity_default')).toBe(3)
  })

  it('is written on in the weeks after those that were dropped', async () => {
    const agent = await createAgent(server)
    await commitDrafts(server, [draftOf(agent, { startedAt: server.clock.now() })])
    server.clock.set(END_MS + 14 * DAY_MS)
    await sweep()
    await commitDrafts(server, [draftOf(agent, { startedAt: server.clock.now() })])
    expect((await getActivity(server, agent, 'logs')).body.total).toBe(1)
    expect(await count('activity_default')).toBe(0)
  })
})

describe('a token', () => {
  it('is untouched while it lives and for an hour after, and then deleted', async () => {
    const agent = await createAgent(server, { accessLevel: 'premium' })
    const token = await server.fetchToken(agent.pass.credentials)
    server.clock.advance({ minutes: 54 })
    expect(await sweep()).toMatchObject({ tokens: 0 })
    expect((await introspect(server, agent.project, token)).active).toBe(true)
    server.clock.advance({ minutes: 55 })
    expect(await sweep()).toMatchObject({ tokens: 0 })
    server.clock.advance({ minutes: -4 })
    expect(await count('tokens')).toBe(1)
    server.clock.advance({ minutes: 5 })
    expect(await sweep()).toMatchObject({ tokens: 1 })
    expect(await count('tokens')).toBe(0)
  })
})

describe('what else is past its time', () => {
  it('is the tombstone of a deleted pass, after the retention period', async () => {
    const agent = await createAgent(server)
    await managementOf(server, agent.project).delete(agent.pass.id)
    server.clock.advance({ days: RETENTION_DAYS, minutes: -5, ms: -1 })
    expect(await sweep()).toMatchObject({ tombstones: 0 })
    server.clock.advance({ ms: 1 })
    expect(await sweep()).toMatchObject({ tombstones: 1 })
    expect(await count('tombstones')).toBe(0)
  })

  it('is the sealed answer of an idempotency key after 10 minutes, and the key after 24 hours', async () => {
    const project = await server.createProject()
    await server.http
      .post(`${project.path}/api_keys`)
      .set({ 'Api-Key': project.apiKey, 'Idempotency-Key': 'once' })
      .send({})
    const sealed = () => count('idempotency_keys where sealed_answer is not null')
    expect(await sweep()).toMatchObject({ idempotent_answers: 0 })
    expect(await sealed()).toBe(1)
    expect(await sweep()).toMatchObject({ idempotent_answers: 1, idempotency_keys: 0 })
    expect(await sealed()).toBe(0)
    server.clock.advance({ hours: 23, minutes: 45 })
    expect(await sweep()).toMatchObject({ idempotency_keys: 1 })
    expect(await count('idempotency_keys')).toBe(0)
  })

  it('is the window of refused grants, once it is over', async () => {
    const { pass } = await createAgent(server)
    const wrong = { ...pass.credentials, clientSecret: `sps_${'0'.repeat(49)}` }
    await server.http
      .post('/v1/api/oauth/token')
      .auth(wrong.clientId, wrong.clientSecret)
      .type('form')
      .send({ grant_type: 'client_credentials' })
    expect(await count('refusal_windows')).toBe(1)
    expect(await sweep()).toMatchObject({ refusal_windows: 0 })
    server.clock.advance({ hours: 1 })
    expect(await sweep()).toMatchObject({ refusal_windows: 1 })
  })

  it('is the number of a node that nobody has held for a day; those that are held stay', async () => {
    const agent = await createAgent(server)
    await commitDrafts(server, [draftOf(agent)])
    await server.deps.database.query(
      `insert into nodes (id, holder, leased_until) values
         (71, gen_random_uuid(), now() - interval '25 hours'), (72, gen_random_uuid(), now() - interval '23 hours')`,
    )
    expect(await sweep()).toMatchObject({ nodes: 1 })
    const left = await server.deps.database.query<{ id: number }>('select id from nodes order by id')
    expect(left.map(row => row.id)).toEqual([1, 72])
  })
})

describe('the turn', () => {
  it('comes every five minutes', async () => {
    expect(await server.deps.retention.run()).toBeDefined()
    expect(await server.deps.retention.run()).toBeUndefined()
    server.clock.advance({ minutes: 5, ms: -1 })
    expect(await server.deps.retention.run()).toBeUndefined()
    server.clock.advance({ ms: 1 })
    expect(await server.deps.retention.run()).toBeDefined()
  })

  it('is one for those who ask at once', async () => {
    const turns = await Promise.all([server.deps.retention.run(), server.deps.retention.run()])
    expect(turns[0]).toBe(turns[1])
  })

  it('goes to one of several nodes', async () => {
    if (server.deps.database.kind !== 'postgresql') return
    const others = await Promise.all(
      [1, 2].map(() => startServer({ place: server.place, clock: server.clock })),
    )
    const nodes = [server, ...others]
    try {
      for (let times = 0; times < 3; times += 1) {
        const turns = await Promise.all(nodes.map(node => node.deps.retention.run()))
        expect(turns.filter(turn => turn !== undefined)).toHaveLength(1)
        server.clock.advance({ minutes: 5 })
      }
    } finally {
      await Promise.all(others.map(other => other.close()))
    }
  })

  it('is not lost to a clock that was far ahead once', async () => {
    server.clock.advance({ days: 365 })
    await server.deps.retention.run()
    server.clock.advance({ days: -365 })
    expect(await server.deps.retention.run()).toBeDefined()
  })

  it('comes no more once the server stops', async () => {
    await server.deps.retention.stop()
    server.clock.advance({ hours: 1 })
    expect(await server.deps.retention.run()).toBeUndefined()
  })
})
