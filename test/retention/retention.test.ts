import { PassStore } from '../../src/passes/pass.store.ts'
import { Partitions } from '../../src/record/partitions.ts'
import {
  commitDrafts,
  createAgent,
  draftOf,
  getActivity,
  insertRows,
  type TestAgent,
} from '../activity/support.ts'
import { logger } from '../support/backend.ts'
import { introspect, managementOf } from '../support/management.ts'
import { startServer, type TestServer } from '../support/server.ts'

const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS
const RETENTION_DAYS = 30

let server: TestServer

/** Wednesday at ten, a year on from one test to the next: what a test leaves behind is deleted before the next one. */
let start = Date.parse('2030-01-16T10:00:00.000Z')

beforeAll(async () => {
  server = await startServer({ env: { RETENTION_DAYS: String(RETENTION_DAYS) } })
})
afterAll(() => server.close())
beforeEach(async () => {
  start += 52 * WEEK_MS
  server.clock.set(start)
  await server.deps.retention.run()
})

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
  /** Monday, midnight, of the week of `start`, or of a later one. */
  const monday = (weeks = 0) => start - 2 * DAY_MS - 10 * 3_600_000 + weeks * WEEK_MS
  const week = (weeks = 0) =>
    `activity_${new Date(monday(weeks)).toISOString().slice(0, 10).replaceAll('-', '')}`
  /** When the last row that the week can have is past the period. */
  const end = () => monday(1) + RETENTION_DAYS * DAY_MS

  it('is dropped by the week, exactly when all rows of the week are past it', async () => {
    const agent = await createAgent(server)
    await commitDrafts(server, [draftOf(agent, { startedAt: start })])
    expect(await partitions()).toEqual([week(), week(1), 'activity_default'])
    server.clock.set(end() - 1)
    await server.deps.retention.run()
    expect(await partitions()).toContain(week())
    expect((await getActivity(server, agent, 'logs')).body.total).toBe(1)
    const weeks = new Partitions(server.deps.database, logger)
    await weeks.dropBefore(new Date(monday(1) - 1), 1)
    expect(await partitions()).toContain(week())
    await weeks.dropBefore(new Date(monday(1)), 1)
    expect(await partitions()).toEqual([week(1), 'activity_default'])
    expect((await getActivity(server, agent, 'logs')).body.total).toBe(0)
  })

  it('is dropped at the turn of a node', async () => {
    const agent = await createAgent(server)
    await commitDrafts(server, [draftOf(agent, { startedAt: start })])
    server.clock.set(end())
    await server.deps.retention.run()
    expect(await partitions()).toEqual([week(1), 'activity_default'])
  })

  it('is dropped at a later turn where somebody is reading it, and nobody waits', async () => {
    // The embedded database has one connection: nobody else can be reading.
    if (server.deps.database.kind !== 'postgresql') return
    const agent = await createAgent(server)
    await commitDrafts(server, [draftOf(agent, { startedAt: start })])
    const token = await server.fetchToken(agent.pass.credentials)
    server.clock.set(end())
    const reader = server.deps.database.em()
    await reader.begin()
    try {
      await reader.execute('lock table activity in access share mode')
      expect(await server.deps.retention.run()).toEqual(
        expect.objectContaining({ ended_tokens: expect.any(Number) }),
      )
      expect(await partitions()).toContain(week())
      expect((await introspect(server, agent.project, token)).active).toBe(false)
    } finally {
      await reader.rollback()
    }
    await sweep()
    expect(await partitions()).not.toContain(week())
  })

  it('stays in the metrics: the rollups outlive the rows', async () => {
    const agent = await createAgent(server)
    await commitDrafts(server, [draftOf(agent, { startedAt: start }), draftOf(agent, { startedAt: start })])
    server.clock.set(end())
    await sweep()
    expect(await count('activity')).toBe(0)
    const metrics = await getActivity(server, agent, 'metrics', {
      start_date: new Date(start).toISOString(),
      end_date: new Date(start + DAY_MS).toISOString(),
    })
    expect(metrics.body.summary.total_requests).toBe(2)
  })

  it('is deleted row by row where it lies in the default partition, in batches', async () => {
    const agent = await createAgent(server)
    await insertRows(server, agent, 5_001, new Date(start - 40 * DAY_MS).toISOString())
    await insertRows(server, agent, 3, new Date(start - 8 * DAY_MS).toISOString())
    expect(await count('activity_default')).toBe(5_004)
    expect(await sweep()).toMatchObject({ activity: 5_001 })
    expect(await count('activity_default')).toBe(3)
  })

  it('is written on in the weeks after those that were dropped', async () => {
    const agent = await createAgent(server)
    await commitDrafts(server, [draftOf(agent, { startedAt: start })])
    server.clock.set(end() + 14 * DAY_MS)
    await sweep()
    await commitDrafts(server, [draftOf(agent, { startedAt: server.clock.now() })])
    expect((await getActivity(server, agent, 'logs')).body.total).toBe(1)
    expect(await count('activity_default')).toBe(0)
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

  it('is what sums the activity of a deleted agent, with its tombstone; that of others stays', async () => {
    const [agent, other] = [await createAgent(server), await createAgent(server)]
    for (const one of [agent, other]) {
      await server.fetchToken(one.pass.credentials)
      await commitDrafts(server, [draftOf(one, { startedAt: server.clock.now() })])
    }
    await server.deps.record.totals.flush()
    const kept = (one: TestAgent) =>
      Promise.all(
        ['activity_rollups', 'activity_endpoints'].map(table =>
          count(`${table} where agent_user_id = '${one.agentUserId}'`),
        ),
      )
    const [ofAgent, ofOther] = [await kept(agent), await kept(other)]
    // Two types of activity; of each an endpoint, in its hour and its day.
    expect(ofAgent).toEqual([2, 4])
    await managementOf(server, agent.project).delete(agent.pass.id)
    // As a use would be that was written while the pass was being deleted.
    await server.deps.database.query(
      `insert into pass_usage (agent_user_id, credential_id, node, uses, last_used_at) values ($1, $1, 1, 1, now())`,
      [agent.agentUserId],
    )
    server.clock.advance({ days: RETENTION_DAYS, minutes: -5, ms: -1 })
    await sweep()
    expect(await kept(agent)).toEqual(ofAgent)
    server.clock.advance({ ms: 1 })
    expect(await sweep()).toMatchObject({ tombstones: 1 })
    expect(await kept(agent)).toEqual([0, 0])
    expect(await count(`pass_usage where agent_user_id = '${agent.agentUserId}'`)).toBe(0)
    expect(await kept(other)).toEqual(ofOther)
  })

  it('is deleted in parts where it is much, and the tombstone last', async () => {
    const agent = await createAgent(server)
    await managementOf(server, agent.project).delete(agent.pass.id)
    await server.deps.database.query(
      `insert into activity_rollups (agent_user_id, hour, node, activity_type, requests, successes, duration_ms, latency)
       select $1, '2020-01-01'::timestamptz + i * interval '1 hour', 1, 'api_request', 1, 1, 1, '{1}' from generate_series(1, 5) i`,
      [agent.agentUserId],
    )
    const store = new PassStore(server.deps.database, server.clock, async () => {})
    const rollups = () => count(`activity_rollups where agent_user_id = '${agent.agentUserId}'`)
    for (const [deleted, left, tombstones] of [
      [2, 3, 1],
      [2, 1, 1],
      [1, 0, 0],
    ]) {
      expect(await store.deleteTombstones(server.clock.date(), 2)).toBe(deleted)
      expect([await rollups(), await count('tombstones')]).toEqual([left, tombstones])
    }
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
    server.clock.advance({ minutes: 10 })
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
    expect(await count('nodes where id in (71, 72)')).toBe(1)
    expect(await count('nodes where leased_until > now()')).toBe(1)
  })
})

describe('the turn', () => {
  it('comes every five minutes', async () => {
    expect(await server.deps.retention.run()).toBeUndefined()
    server.clock.advance({ minutes: 5, ms: -1 })
    expect(await server.deps.retention.run()).toBeUndefined()
    server.clock.advance({ ms: 1 })
    expect(await server.deps.retention.run()).toBeDefined()
  })

  it('is one for those who ask at once', async () => {
    server.clock.advance({ minutes: 5 })
    const turns = await Promise.all([server.deps.retention.run(), server.deps.retention.run()])
    expect(turns[0]).toBeDefined()
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
        server.clock.advance({ minutes: 5 })
        const turns = await Promise.all(nodes.map(node => node.deps.retention.run()))
        expect(turns.filter(turn => turn !== undefined)).toHaveLength(1)
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
})
