import { Unavailable } from '../../src/platform/errors.ts'
import { type Act, RecordBatch } from '../../src/record/record-batch.ts'
import { createAgent, draftOf, recorderOver, storedActivity, type TestAgent } from '../activity/support.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

/** The real batch writer, which notes the sizes of what it writes and can be told to go wrong first. */
class WatchedBatch {
  readonly #real = new RecordBatch(server.deps.database)
  isApart = this.#real.isApart
  readonly sizes: number[] = []
  before: () => Promise<void> = async () => {}

  prepare(...parameters: Parameters<RecordBatch['prepare']>) {
    return this.#real.prepare(...parameters)
  }

  async write(...parameters: Parameters<RecordBatch['write']>) {
    this.sizes.push(parameters[0].acts.length)
    await this.before()
    return this.#real.write(...parameters)
  }
}

/** A recorder of its own with a watched writer; what it holds is given back when the test is over. */
async function withRecorder(
  test: (recorder: ReturnType<typeof recorderOver>['recorder'], batch: WatchedBatch) => Promise<void>,
): Promise<void> {
  const batch = new WatchedBatch()
  const { recorder, stop } = recorderOver(server.deps.database, server.clock, batch)
  try {
    await test(recorder, batch)
  } finally {
    await stop()
  }
}

const actOf = (agent: TestAgent, endpoint = '/things'): Act => ({
  events: [draftOf(agent, { endpoint })],
})

/** An act that was decided on a version of the pass; a new pass has version 1. */
const checkedAct = (agent: TestAgent, version: number, endpoint: string): Act => ({
  ...actOf(agent, endpoint),
  checks: [{ passId: agent.pass.id, version }],
})

async function endpointsOf(agent: TestAgent): Promise<string[]> {
  const rows = await storedActivity(server.deps.database, agent.agentUserId)
  return rows.map(row => row.endpoint).sort()
}

describe('the group commit', () => {
  it('takes no more than it can write in some seconds, and is well again once that is written', async () => {
    const agent = await createAgent(server)
    await withRecorder(async (recorder, batch) => {
      const held = Promise.withResolvers<void>()
      batch.before = () => held.promise
      const first = recorder.commit(actOf(agent))
      while (batch.sizes.length === 0) await new Promise(resolve => setImmediate(resolve))
      const acts = Array.from({ length: 10_000 }, () => recorder.commit({ events: [] }))
      expect(recorder.waiting).toBe(10_000)
      await expect(recorder.commit(actOf(agent))).rejects.toBeInstanceOf(Unavailable)
      held.resolve()
      expect(await first).toBe('committed')
      await Promise.all(acts)
      expect(await recorder.commit(actOf(agent))).toBe('committed')
    })
    expect(await endpointsOf(agent)).toHaveLength(2)
  })

  it.each([
    ['statements of a third of them, where two can be under way', true, [34, 34]],
    ['two statements, where one can be, so that half of them is answered meanwhile', false, [50, 50]],
  ])('writes the acts of concurrent requests in %s', async (_how, isApart, sizes) => {
    const agent = await createAgent(server)
    await withRecorder(async (recorder, batch) => {
      batch.isApart = isApart
      const outcomes = await Promise.all(Array.from({ length: 100 }, () => recorder.commit(actOf(agent))))
      expect(new Set(outcomes)).toEqual(new Set(['committed']))
      expect(batch.sizes.slice(0, 2)).toEqual(sizes)
    })
    expect(await endpointsOf(agent)).toHaveLength(100)
  })

  it.each([
    ['after the next statement went out, where the database has a process of its own', true, [0, 0]],
    ['before the next statement, where it works in this process', false, [0, 50]],
  ])('answers %s', async (_when, isApart, answered) => {
    const agent = await createAgent(server)
    await withRecorder(async (recorder, batch) => {
      batch.isApart = isApart
      let answers = 0
      const answersBefore: number[] = []
      batch.before = async () => {
        answersBefore.push(answers)
      }
      const count = () => {
        answers += 1
      }
      await Promise.all(Array.from({ length: 100 }, () => recorder.commit(actOf(agent)).then(count)))
      expect(answersBefore.slice(0, 2)).toEqual(answered)
      expect(answers).toBe(100)
    })
  })

  it('gathers what comes while a batch is written, and writes a few together', async () => {
    const agent = await createAgent(server)
    await withRecorder(async (recorder, batch) => {
      const later: Promise<unknown>[] = []
      batch.before = async () => {
        if (batch.sizes.length === 1)
          for (let count = 0; count < 15; count += 1) later.push(recorder.commit(actOf(agent)))
      }
      await recorder.commit(actOf(agent))
      await Promise.all(later)
      expect(batch.sizes).toEqual([1, 15])
    })
    expect(await endpointsOf(agent)).toHaveLength(16)
  })

  it('cuts a flood into batches of 256', async () => {
    const agent = await createAgent(server)
    await withRecorder(async (recorder, batch) => {
      await Promise.all(Array.from({ length: 900 }, () => recorder.commit(actOf(agent))))
      expect(batch.sizes.slice(0, 2)).toEqual([256, 256])
      expect(Math.max(...batch.sizes)).toBe(256)
    })
    expect(await endpointsOf(agent)).toHaveLength(900)
  })

  it('answers a commit only when its row is there to read', async () => {
    const agent = await createAgent(server)
    await withRecorder(async recorder => {
      await recorder.commit(actOf(agent, '/first'))
      expect(await endpointsOf(agent)).toEqual(['/first'])
    })
  })
})

describe('an act whose pass has moved on', () => {
  it('has nothing written of it, and the others of its batch have all', async () => {
    const [moved, kept] = [await createAgent(server), await createAgent(server)]
    await withRecorder(async (recorder, batch) => {
      const outcomes = await Promise.all([
        recorder.commit(checkedAct(kept, 1, '/kept')),
        recorder.commit(checkedAct(moved, 7, '/stale')),
        recorder.commit(checkedAct(moved, 1, '/fresh')),
        recorder.commit(checkedAct(moved, 0, '/older')),
        recorder.commit(actOf(kept, '/unchecked')),
      ])
      expect(outcomes).toEqual(['committed', 'stale', 'committed', 'stale', 'committed'])
      expect(batch.sizes).toEqual([5, 3])
    })
    expect(await endpointsOf(kept)).toEqual(['/kept', '/unchecked'])
    expect(await endpointsOf(moved)).toEqual(['/fresh'])
    const count = async (statement: string, value: unknown) =>
      (await server.deps.database.query<{ count: number }>(statement, [value]))[0]?.count
    const { agentUserId } = moved
    expect(
      await count('select sum(uses)::int as count from pass_usage where agent_user_id = $1', agentUserId),
    ).toBe(1)
    expect(
      await count(
        'select sum(requests)::int as count from activity_rollups where agent_user_id = $1',
        agentUserId,
      ),
    ).toBe(1)
  })

  it('is stale for a pass that was deleted', async () => {
    const agent = await createAgent(server)
    await server.http
      .delete(`${agent.project.path}/sentinel_passes/${agent.pass.id}`)
      .set('Api-Key', agent.project.apiKey)
    await withRecorder(async (recorder, batch) => {
      expect(await recorder.commit(checkedAct(agent, 1, '/gone'))).toBe('stale')
      expect(batch.sizes).toEqual([1])
    })
    expect(await endpointsOf(agent)).toEqual([])
  })
})

describe('a database that fails', () => {
  it('rejects every waiter of the batch, and a later commit works', async () => {
    const agent = await createAgent(server)
    await withRecorder(async (recorder, batch) => {
      const failure = new Error('the database is gone')
      batch.before = async () => {
        throw failure
      }
      const settled = await Promise.allSettled(
        Array.from({ length: 5 }, () => recorder.commit(actOf(agent, '/lost'))),
      )
      expect(settled).toEqual(Array.from({ length: 5 }, () => ({ status: 'rejected', reason: failure })))
      batch.before = async () => {}
      expect(await recorder.commit(actOf(agent, '/later'))).toBe('committed')
    })
    expect(await endpointsOf(agent)).toEqual(['/later'])
  })

  it('leaves nothing of a batch that it refuses', async () => {
    const agent = await createAgent(server)
    await withRecorder(async recorder => {
      const twice = actOf(agent, '/twice')
      const settled = await Promise.allSettled([
        recorder.commit(actOf(agent, '/fine')),
        recorder.commit(twice),
        recorder.commit(twice),
      ])
      expect(settled.map(one => one.status)).toEqual(['rejected', 'rejected', 'rejected'])
      expect(await recorder.commit(actOf(agent, '/later'))).toBe('committed')
    })
    expect(await endpointsOf(agent)).toEqual(['/later'])
    const [rollup] = await server.deps.database.query<{ requests: number }>(
      'select sum(requests)::int as requests from activity_rollups where agent_user_id = $1',
      [agent.agentUserId],
    )
    expect(rollup?.requests).toBe(1)
  })
})

describe('draining', () => {
  it('waits until everything that was handed in is written', async () => {
    const agent = await createAgent(server)
    await withRecorder(async recorder => {
      const handedIn = Array.from({ length: 300 }, () => recorder.commit(actOf(agent)))
      await recorder.drain()
      expect(await endpointsOf(agent)).toHaveLength(300)
      await Promise.all(handedIn)
    })
  })

  it('returns at once when nothing waits', async () => {
    await withRecorder(async recorder => {
      await expect(recorder.drain()).resolves.toBeUndefined()
    })
  })
})
