import type { Act } from '../../src/record/record-batch.ts'
import { createAgent, draftOf, recorderOver, storedActivity, type TestAgent } from '../activity/support.ts'
import { startServer, type TestServer } from '../support/server.ts'

const NODES = 2
const ROUNDS = 50

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

type Node = ReturnType<typeof recorderOver>
const newNode = (): Node => recorderOver(server.deps.database, server.clock)

/** What a process leaves that is killed: its number, until the lease runs out. */
async function expireLeases(nodes: readonly Node[]): Promise<void> {
  const numbers = await Promise.all(nodes.map(async node => (await node.lease.current()).node))
  await server.deps.database.query(
    "update nodes set leased_until = now() - interval '1 second' where id = any($1::smallint[])",
    [numbers],
  )
}

const actOf = (agent: TestAgent, index: number): Act => ({
  events: [
    draftOf(agent, {
      endpoint: `/items/${index % 7}`,
      // Of refusals from one address, only the first have a row each.
      clientIp: `198.51.100.${index % 250}`,
      durationMs: (index * 37) % 500,
      success: index % 5 > 0,
      statusCode: index % 5 > 0 ? 200 : 404,
      activityType: index % 11 === 0 ? 'error' : index % 3 === 0 ? 'token_generation' : 'api_request',
      metadata: index % 2 === 0 ? { secret_id: agent.pass.id } : {},
    }),
  ],
})

interface Sums {
  readonly requests: number
  readonly successes: number
  readonly durationMs: number
  readonly buckets: number
  readonly uses: number
  readonly endpoints: number
}

async function sumsOf({ agentUserId }: TestAgent): Promise<Sums | undefined> {
  const [sums] = await server.deps.database.query<Sums>(
    `select coalesce(sum(requests), 0)::int as requests, coalesce(sum(successes), 0)::int as successes,
       coalesce(sum(duration_ms), 0)::int as "durationMs",
       (select coalesce(sum(b), 0)::int from activity_rollups l, unnest(l.latency) b where l.agent_user_id = $1) as buckets,
       (select coalesce(sum(uses), 0)::int from pass_usage where agent_user_id = $1) as uses,
       (select count(distinct hash)::int from activity_endpoints where agent_user_id = $1) as endpoints
     from activity_rollups where agent_user_id = $1`,
    [agentUserId],
  )
  return sums
}

async function sumsByRows(agent: TestAgent): Promise<Sums> {
  const rows = await storedActivity(server.deps.database, agent.agentUserId)
  return {
    requests: rows.length,
    successes: rows.filter(row => row.success).length,
    durationMs: rows.reduce((sum, row) => sum + row.durationMs, 0),
    buckets: rows.length,
    uses: rows.filter(row => row.activityType !== 'error').length,
    endpoints: new Set(rows.map(row => row.endpoint)).size,
  }
}

describe('what rows come to', () => {
  it('is exact whenever a node is killed between a row and its sum', async () => {
    const agent = await createAgent(server)
    let nodes = Array.from({ length: NODES }, newNode)
    let written = 0
    const commitOn = (node: Node) => {
      written += 1
      return node.recorder.commit(actOf(agent, written))
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      await Promise.all(
        nodes.flatMap((node, which) =>
          Array.from({ length: 1 + ((round + which) % 4) }, () => commitOn(node)),
        ),
      )
      // Some have written sums before, some have more behind their mark, and some are killed with nothing left.
      const flushed = nodes.filter((_, which) => (round + which) % 3 === 0)
      await Promise.all(flushed.map(node => node.totals.flush()))
      const killed = nodes.filter((_, which) => (round >> which) % 2 === 0)
      await expireLeases(killed)
      const living = nodes.filter(node => !killed.includes(node))
      nodes = [...living, ...killed.map(newNode)]
      // The next start takes the number, or somebody who lives adds up what is behind its mark.
      if (round % 2 === 0) await (nodes[0] ?? newNode()).totals.settleDead()
      else await Promise.all(nodes.map(commitOn))
      await newNode().totals.settleDead()
      await Promise.all(nodes.map(node => node.totals.flush()))
      expect([round, await sumsOf(agent)]).toEqual([round, await sumsByRows(agent)])
    }
    expect((await sumsOf(agent))?.requests).toBe(written)
    await Promise.all(nodes.map(node => node.stop()))
  })

  it('is counted once where a node was taken for dead and goes on', async () => {
    const agent = await createAgent(server)
    const [frozen, other] = [newNode(), newNode()]
    await frozen.recorder.commit(actOf(agent, 1))
    await other.recorder.commit(actOf(agent, 2))
    await expireLeases([frozen])
    await other.totals.settleDead()
    // It wakes: what it had added up is another's by now, and what it writes goes under a number of its own.
    await frozen.totals.flush()
    await frozen.recorder.commit(actOf(agent, 3))
    await Promise.all([frozen.totals.flush(), other.totals.flush()])
    expect(await sumsOf(agent)).toEqual(await sumsByRows(agent))

    await expireLeases([frozen])
    await other.totals.settleDead()
    await frozen.recorder.commit(actOf(agent, 4))
    await Promise.all([frozen.totals.flush(), other.totals.flush()])
    expect(await sumsOf(agent)).toEqual(await sumsByRows(agent))
    await Promise.all([frozen.stop(), other.stop()])
  })

  it('is counted once where the answer to its writing was lost', async () => {
    const agent = await createAgent(server)
    const { database } = server.deps
    const node = newNode()
    await node.recorder.commit(actOf(agent, 1))
    const query = database.query.bind(database)
    Object.defineProperty(database, 'query', {
      configurable: true,
      async value(...parameters: Parameters<typeof query>) {
        const rows = await query(...parameters)
        if (parameters[0].includes('add_totals')) throw new Error('the connection broke')
        return rows
      },
    })
    try {
      await expect(node.totals.flush()).rejects.toThrow('the connection broke')
    } finally {
      Reflect.deleteProperty(database, 'query')
    }
    await node.recorder.commit(actOf(agent, 2))
    await node.totals.flush()
    expect(await sumsOf(agent)).toEqual(await sumsByRows(agent))
    await node.stop()
  })

  it('is exact where it is not known whether a batch was written', async () => {
    const agent = await createAgent(server)
    const { database } = server.deps
    const node = newNode()
    await node.recorder.commit(actOf(agent, 1))
    const commit = database.commit.bind(database)
    for (const written of [true, false]) {
      Object.defineProperty(database, 'commit', {
        configurable: true,
        async value(...parameters: Parameters<typeof commit>) {
          if (written) await commit(...parameters)
          throw Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' })
        },
      })
      try {
        await expect(node.recorder.commit(actOf(agent, 2))).rejects.toThrow()
      } finally {
        Reflect.deleteProperty(database, 'commit')
      }
      await node.recorder.commit(actOf(agent, 3))
      await node.totals.flush()
      expect(await sumsOf(agent)).toEqual(await sumsByRows(agent))
    }
    expect((await sumsOf(agent))?.requests).toBe(4)
    await node.stop()
  })

  it('is found behind the mark also where the clock was set back', async () => {
    const agent = await createAgent(server)
    const node = newNode()
    const at = (startedAt: number) => ({ events: [draftOf(agent, { startedAt })] })
    const now = server.clock.now()
    await node.recorder.commit(at(now))
    await node.totals.flush()
    await node.recorder.commit(at(now - 5 * 3_600_000))
    await expireLeases([node])
    const other = newNode()
    await other.totals.settleDead()
    expect(await sumsOf(agent)).toEqual(await sumsByRows(agent))
    await other.stop()
  })

  it('can be read at once on the node that recorded it', async () => {
    const agent = await createAgent(server)
    await server.fetchToken(agent.pass.credentials)
    const pass = await server.http
      .get(`${agent.project.path}/sentinel_passes/${agent.pass.id}`)
      .set('Api-Key', agent.project.apiKey)
    expect(pass.body.data.attributes.usageCount).toBe(1)
  })
})
