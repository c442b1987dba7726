import { instantOf } from '../../src/platform/database.ts'
import { NIL_UUID } from '../../src/platform/uuid.ts'
import { latencyBucket } from '../../src/record/latency-buckets.ts'
import { batchesOver, createAgent, draftOf, storedActivity, type TestAgent } from '../activity/support.ts'
import { startServer, type TestServer } from '../support/server.ts'

const NODE = 31
const HOUR = '2030-01-15T10:00:00.000Z'

let server: TestServer
let write: Awaited<ReturnType<typeof batchesOver>>

beforeAll(async () => {
  server = await startServer()
  write = await batchesOver(server, NODE)
})
afterAll(() => server.close())

interface Rollup {
  readonly hour: string
  readonly type: string
  readonly requests: number
  readonly successes: number
  readonly durationMs: number
  /** Requests by bucket, as `{"bucket": requests}`. */
  readonly latency: Record<string, number>
}

function rollupsOf(agent: TestAgent): Promise<Rollup[]> {
  return server.deps.database.query<Rollup>(
    `select to_char(hour at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as hour, activity_type as type,
       requests::int, successes::int, duration_ms::int as "durationMs",
       (select json_object_agg(b, latency[b]) from generate_subscripts(latency, 1) as b where latency[b] > 0) as latency
     from activity_rollups where agent_user_id = $1 order by 1, 2`,
    [agent.agentUserId],
  )
}

/** What the rollups of an agent should be by its rows. */
async function expectedRollups(agent: TestAgent): Promise<Rollup[]> {
  const rollups = new Map<string, Rollup & { latency: Record<string, number> }>()
  for (const row of await storedActivity(server.deps.database, agent.agentUserId)) {
    const hour = new Date(row.startedAt - (row.startedAt % 3_600_000)).toISOString()
    const key = `${hour} ${row.activityType}`
    const before = rollups.get(key)
    const bucket = latencyBucket(row.durationMs)
    rollups.set(key, {
      hour,
      type: row.activityType,
      requests: (before?.requests ?? 0) + 1,
      successes: (before?.successes ?? 0) + (row.success ? 1 : 0),
      durationMs: (before?.durationMs ?? 0) + row.durationMs,
      latency: { ...before?.latency, [bucket]: (before?.latency[bucket] ?? 0) + 1 },
    })
  }
  return [...rollups.keys()].sort().flatMap(key => rollups.get(key) ?? [])
}

describe('the rollups of a batch', () => {
  it('take several latency buckets of one row in one statement', async () => {
    const agent = await createAgent(server)
    const durations = [3000, 0, 0, 20, 45, 120, 120, 900, 60_000]
    await write([{ events: durations.map(durationMs => draftOf(agent, { durationMs })) }])
    const rollups = await rollupsOf(agent)
    expect(rollups).toEqual(await expectedRollups(agent))
    expect(rollups).toHaveLength(1)
    expect(Object.keys(rollups[0]?.latency ?? {}).length).toBeGreaterThanOrEqual(6)
    expect(rollups[0]?.requests).toBe(durations.length)
  })

  it('add to what is there, in buckets below and above those of before', async () => {
    const agent = await createAgent(server)
    for (const durationMs of [500, 40, 30_000, 40, 500])
      await write([{ events: [draftOf(agent, { durationMs })] }])
    const [rollup, ...others] = await rollupsOf(agent)
    expect(others).toEqual([])
    expect([rollup]).toEqual(await expectedRollups(agent))
    expect(rollup?.requests).toBe(5)
  })

  it('are kept apart by hour and type', async () => {
    const agent = await createAgent(server)
    const at = (instant: string) => ({ startedAt: Date.parse(instant) })
    await write([
      { events: [draftOf(agent, at(HOUR)), draftOf(agent, at('2030-01-15T10:59:59.999Z'))] },
      { events: [draftOf(agent, at('2030-01-15T11:00:00.000Z'))] },
      { events: [draftOf(agent, { ...at(HOUR), activityType: 'token_generation' })] },
    ])
    const rollups = await rollupsOf(agent)
    expect(rollups.map(({ hour, type, requests }) => [hour, type, requests])).toEqual([
      [HOUR, 'api_request', 2],
      [HOUR, 'token_generation', 1],
      ['2030-01-15T11:00:00.000Z', 'api_request', 1],
    ])
  })

  it('are kept apart by node, so that nodes never contend', async () => {
    const agent = await createAgent(server)
    const other = await batchesOver(server, NODE + 1)
    await write([{ events: [draftOf(agent)] }])
    await other([{ events: [draftOf(agent, { success: false, statusCode: 500 })] }])
    const rows = await server.deps.database.query<{ node: number; successes: number }>(
      'select node, successes::int from activity_rollups where agent_user_id = $1 order by node',
      [agent.agentUserId],
    )
    expect(rows).toEqual([
      { node: 31, successes: 1 },
      { node: 32, successes: 0 },
    ])
  })
})

describe('revocations', () => {
  const endOf = (id: string) => ({ id, expiresAt: server.clock.now() + 900_000 })
  const idOf = async (token: string) => (await server.deps.accessTokens.store.find(token))?.id ?? ''
  const denied = () => server.deps.database.query<{ id: string }>('select id from ended_tokens')

  it('end the tokens that are named and no other', async () => {
    const agent = await createAgent(server)
    const ended = await server.fetchToken(agent.pass.credentials)
    const kept = await server.fetchToken(agent.pass.credentials)
    await write([
      { events: [], revocations: [endOf(await idOf(ended)), endOf(crypto.randomUUID())] },
      { events: [draftOf(agent)] },
    ])
    expect((await server.deps.accessTokens.store.find(ended))?.live).toBe(false)
    expect((await server.deps.accessTokens.store.find(kept))?.live).toBe(true)
  })

  it('make an act stale that rests on the token, at once and in the same batch order', async () => {
    const agent = await createAgent(server)
    const [ended, kept] = [crypto.randomUUID(), crypto.randomUUID()]
    const checkOf = (tokenId: string) => ({ passId: agent.pass.id, version: 1, tokenId })
    const restsOn = (tokenId: string) => ({ checks: [checkOf(tokenId)], events: [draftOf(agent)] })
    expect(await write([restsOn(kept), restsOn(ended)])).toEqual([])
    await write([{ events: [], revocations: [endOf(ended)] }])
    expect(await write([restsOn(kept), restsOn(ended)])).toEqual([1])
    expect(await write([restsOn(kept)])).toEqual([])
  })

  it('do not happen for a stale act', async () => {
    const agent = await createAgent(server)
    const token = await server.fetchToken(agent.pass.credentials)
    const id = await idOf(token)
    const check = { passId: agent.pass.id, version: 99 }
    expect(await write([{ checks: [check], events: [], revocations: [endOf(id)] }])).toEqual([0])
    expect((await server.deps.accessTokens.store.find(token))?.live).toBe(true)
    expect(await denied()).not.toContainEqual({ id })
  })

  it('are remembered until the token would have ended, and cleared away after that', async () => {
    const [first, later] = [crypto.randomUUID(), crypto.randomUUID()].map(endOf)
    if (!first || !later) throw new Error('Two ends are needed')
    await write([
      { events: [], revocations: [first] },
      { events: [], revocations: [first] },
    ])
    expect(await denied()).toContainEqual({ id: first.id })
    server.clock.advance({ minutes: 15 })
    await write([{ events: [], revocations: [{ ...later, expiresAt: server.clock.now() + 1 }] }])
    await server.deps.retention.run()
    expect(await denied()).toContainEqual({ id: later.id })
    expect(await denied()).not.toContainEqual({ id: first.id })
  })
})

describe('refusals', () => {
  it.each([
    [[25, 7, 1], 13],
    [[15, 10, 3], 8],
    [[20, 2], 2],
    [[19, 1, 1], 1],
    [[300], 280],
  ])('in batches of %j have 20 rows, and one that stands for the rest', async (sizes, rest) => {
    const agent = await createAgent(server)
    const refusal = { activityType: 'error', success: false, statusCode: 401 } as const
    for (const size of sizes)
      await write([{ events: Array.from({ length: size }, () => draftOf(agent, refusal)) }])
    const rows = await storedActivity(server.deps.database, agent.agentUserId)
    expect(rows).toHaveLength(21)
    expect(rows.flatMap(row => row.metadata.attempts ?? [])).toEqual([rest])
    const [rollup] = await rollupsOf(agent)
    expect(rollup).toMatchObject({ type: 'error', requests: 20 + rest, successes: 0 })
  })
})

describe('uses', () => {
  const usesOf = (agent: TestAgent) =>
    server.deps.database.query<{ id: string; uses: number; at: string; ip: string }>(
      `select credential_id as id, uses::int, last_used_at as at, last_used_ip as ip
       from pass_usage where agent_user_id = $1 order by uses desc, credential_id`,
      [agent.agentUserId],
    )

  it('are counted by credential, with the time and address of the last', async () => {
    const agent = await createAgent(server)
    const [one, other] = [crypto.randomUUID(), crypto.randomUUID()]
    const now = server.clock.now()
    const use = (secret_id: string, clientIp: string, startedAt = now) => ({
      events: [draftOf(agent, { metadata: { secret_id }, clientIp, startedAt })],
    })
    await write([use(one, '192.0.2.1'), use(other, '192.0.2.2'), use(one, '192.0.2.3')])
    await write([use(one, '192.0.2.4', now + 60_000)])
    await write([use(one, '192.0.2.5', now - 60_000)])
    const rows = await usesOf(agent)
    expect(rows.map(({ id, uses, ip }) => ({ id, uses, ip }))).toEqual([
      { id: one, uses: 4, ip: '192.0.2.4' },
      { id: other, uses: 1, ip: '192.0.2.2' },
    ])
    expect(instantOf(rows[0]?.at ?? '').getTime()).toBe(now + 60_000)
  })

  it('are not refusals, nor calls that were not let in', async () => {
    const agent = await createAgent(server)
    await write([
      { events: [draftOf(agent, { activityType: 'error', success: false, statusCode: 401 })] },
      { events: [draftOf(agent, { success: false, statusCode: 401 })] },
    ])
    expect(await usesOf(agent)).toEqual([])
    await write([{ events: [draftOf(agent, { success: false, statusCode: 403 })] }])
    expect((await usesOf(agent)).map(({ id, uses }) => [id, uses])).toEqual([[NIL_UUID, 1]])
  })
})

describe('a row', () => {
  it('has the duration up to its commit, and ends when it is over', async () => {
    const agent = await createAgent(server)
    await write([{ events: [draftOf(agent, { durationMs: 1500 })] }])
    const [row] = await storedActivity(server.deps.database, agent.agentUserId)
    expect(row?.durationMs).toBeGreaterThanOrEqual(1500)
    expect(row?.durationMs).toBeLessThan(20_000)
    expect(row?.completedAt).toBe(Date.parse(HOUR) + (row?.durationMs ?? 0))
  })

  it('is written as it was sent, escapes and all', async () => {
    const agent = await createAgent(server)
    const endpoint = String.raw`/\u0000/"quoted"/ünï/😀/${'{a,b}'}`
    await write([{ events: [draftOf(agent, { endpoint, metadata: { endpoint } })] }])
    const [row] = await storedActivity(server.deps.database, agent.agentUserId)
    expect(row).toMatchObject({ endpoint, metadata: { endpoint } })
  })

  it('has a mark in the place of what the database cannot hold', async () => {
    const agent = await createAgent(server)
    await write([
      { events: [draftOf(agent, { endpoint: '/a\0b', errorMessage: '\ud800', metadata: { a: '\0' } })] },
    ])
    const [row] = await storedActivity(server.deps.database, agent.agentUserId)
    expect(row).toMatchObject({ endpoint: '/a\uFFFDb', errorMessage: '\uFFFD', metadata: { a: '\uFFFD' } })
  })
})
