import { currentBackend } from '../support/backend.ts'
import { describeUnless } from '../support/describe-unless.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { createAgent, getActivity, insertRows, type TestAgent } from './support.ts'

const ROWS = 40_000
const READS = 4

let server: TestServer
let agent: TestAgent

beforeAll(async () => {
  server = await startServer()
  agent = await createAgent(server)
  await insertRows(server, agent, ROWS)
})
afterAll(() => server.close())

const RUNS_BESIDE =
  currentBackend() === 'pglite' ? undefined : 'PostgreSQL runs reads on connections of their own'

describeUnless(RUNS_BESIDE, 'a grant on the one connection', () => {
  it.each<[string, Record<string, string | number>, number]>([
    ['that no index serves and that find nothing', { client_ip: '198.51.100.1' }, 0],
    ['of deep pages', { per_page: 100, page: 100 }, 100],
    ['of deep pages in an order that no index has', { per_page: 100, page: 100, sort_by: 'endpoint' }, 100],
  ])('is answered before reads %s', async (_name, query, rows) => {
    const begun = firstRead(server)
    const ended: string[] = []
    const reads = Array.from({ length: READS }, async () => {
      const { status, body } = await getActivity(server, agent, 'logs', query)
      ended.push('read')
      return { status, rows: body.logs.length }
    })
    await begun
    await server.fetchToken(agent.pass.credentials)
    ended.push('grant')
    expect(await Promise.all(reads)).toEqual(reads.map(() => ({ status: 200, rows })))
    expect(ended[0]).toBe('grant')
  })
})

it('gives the rows of several agents in one order, whatever is in which slice', async () => {
  const others = [await createAgent(server, {}, agent.project), await createAgent(server, {}, agent.project)]
  // Between the rows of the first agent, and behind them.
  await insertRows(server, others[0] ?? agent, 3_000, '2030-01-14T05:00:00.500Z')
  await insertRows(server, others[1] ?? agent, 3_000, '2030-01-15T00:00:00.000Z')
  const { database } = server.deps
  const expected = await database.query<{ id: string }>(
    `select id from activity where project_id = $1 and endpoint like '%99' and started_at < '2030-01-15T00:10:00Z'
     order by started_at, id`,
    [agent.project.projectId],
  )
  const seen: string[] = []
  for (let cursor = ''; ; ) {
    const { status, body } = await server.http
      .get(`${agent.project.path}/activity/logs`)
      .set('Api-Key', agent.project.apiKey)
      .query({ endpoint: '99', sort_order: 'asc', end_date: '2030-01-15T00:10:00Z', per_page: 100 })
      .query(cursor ? { cursor } : {})
    expect(status).toBe(200)
    const logs: { id: string; endpoint: string }[] = body.logs
    seen.push(...logs.filter(row => row.endpoint.endsWith('99')).map(row => row.id))
    if (body.next_cursor === null) break
    cursor = body.next_cursor
  }
  expect(expected.length).toBeGreaterThan(300)
  expect(seen).toEqual(expected.map(row => row.id))
})

/** Settles when a costly read has been begun. */
function firstRead({ deps: { database } }: TestServer): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const read = database.read.bind(database)
  database.read = <Row>(...statement: Parameters<typeof read>) => {
    resolve()
    database.read = read
    return read<Row>(...statement)
  }
  return promise
}
