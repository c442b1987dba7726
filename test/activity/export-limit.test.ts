import { startServer, type TestServer } from '../support/server.ts'
import { createAgent, getActivity, insertRows } from './support.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

it.each(['json', 'csv', 'jsonl'])('an export as %s may have 10,000 rows', async format => {
  const agent = await createAgent(server)
  await insertRows(server, agent, 10_000)
  const answer = await getActivity(server, agent, 'export', { format }).buffer(true)
  expect(answer.status).toBe(200)
  const endpoints = new Set(answer.text.match(/\/bulk\/\d+/g))
  expect(endpoints.size).toBe(10_000)
})

it('an export may have 10,000 rows in another order than by time', async () => {
  const agent = await createAgent(server)
  await insertRows(server, agent, 10_000)
  const { body } = await getActivity(server, agent, 'export', { sort_by: 'endpoint', sort_order: 'asc' })
  expect(body).toHaveLength(10_000)
  expect(body[0].endpoint).toBe('/bulk/1')
})

it.each(['json', 'csv', 'jsonl'])(
  'more than 10,000 rows as %s are refused with their count, before a byte of a file',
  async format => {
    const agent = await createAgent(server)
    await insertRows(server, agent, 10_037)
    const answer = await getActivity(server, agent, 'export', { format })
    expect(answer.status).toBe(422)
    expect(answer.type).toBe('application/problem+json')
    expect(answer.headers).not.toHaveProperty('content-disposition')
    expect(answer.body).toMatchObject({ code: 'too_many_rows', rows: 10_037, limit: 10_000 })
    expect(answer.body.detail).toContain('10037')
    expect(answer.body.detail).toMatch(/narrow/i)
  },
)

it('a filter that leaves no more than 10,000 rows makes an export of them', async () => {
  const agent = await createAgent(server)
  await insertRows(server, agent, 10_037, '2030-01-14T00:00:00.000Z')
  const narrowed = await getActivity(server, agent, 'export', { end_date: '2030-01-14T01:00:00Z' })
  expect(narrowed.status).toBe(200)
  expect(narrowed.body).toHaveLength(3599)
})
