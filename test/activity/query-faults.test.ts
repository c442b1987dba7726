import { startServer, type TestServer } from '../support/server.ts'
import { createAgent, getActivity } from './support.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

/** Asks, expects a refusal, and tells the parameters that it names. */
async function refusedParameters(
  what: 'logs' | 'export' | 'metrics',
  query: Record<string, string | number | boolean>,
): Promise<string[]> {
  const answer = await getActivity(server, await createAgent(server), what, query)
  expect(answer.status).toBe(400)
  expect(answer.type).toBe('application/problem+json')
  expect(answer.body.code).toBe('validation_failed')
  expect(answer.body.errors.every((fault: { detail: string }) => fault.detail.length > 0)).toBe(true)
  return answer.body.errors.map((fault: { parameter: string }) => fault.parameter).sort()
}

const BAD_RANGE = {
  agent_user_id: 'me',
  start_date: 'yesterday',
  end_date: '2030-02-30',
  activity_type: 'login',
}
const BAD_FILTERS = { success: 'maybe', sort_by: 'metadata', sort_order: 'up', unknown: 1 }

describe('a query with faults', () => {
  it('of the log is answered with all of them at once', async () => {
    const query = { ...BAD_RANGE, ...BAD_FILTERS, endpoint: 'x\0', page: 0, per_page: 11, cursor: '!' }
    expect(await refusedParameters('logs', query)).toEqual(Object.keys(query).sort())
  })

  it('of the export is answered with all of them at once', async () => {
    const query = { ...BAD_RANGE, ...BAD_FILTERS, format: 'xml', page: 1 }
    expect(await refusedParameters('export', query)).toEqual(Object.keys(query).sort())
  })

  it('of the metrics is answered with all of them at once', async () => {
    const query = { ...BAD_RANGE, group_by: 'month', endpoint: '/x' }
    expect(await refusedParameters('metrics', query)).toEqual(Object.keys(query).sort())
  })

  it.each(['logs', 'export', 'metrics'] as const)('without an agent is refused by %s', async what => {
    const agent = await createAgent(server)
    const answer = await server.http
      .get(`/v1/api/oauth/agent/activity/${what}`)
      .set('Api-Key', agent.project.apiKey)
    expect(answer.status).toBe(400)
    expect(answer.body.errors).toEqual([{ parameter: 'agent_user_id', detail: expect.any(String) }])
  })

  it.each(['logs', 'export', 'metrics'] as const)(
    'with an end that is not after the start is refused by %s',
    async what => {
      const instant = '2030-01-15T00:00:00Z'
      expect(await refusedParameters(what, { start_date: instant, end_date: instant })).toEqual(['end_date'])
    },
  )

  it.each([0, 1, 9, 11, 24, 26, 99, 101, 1000, -25, '2.5', 'all', ''])(
    'with per_page=%s is refused',
    async perPage => {
      expect(await refusedParameters('logs', { per_page: perPage })).toEqual(['per_page'])
    },
  )

  it.each([0, -1, '1.5', 'first', '99999999999'])('with page=%s is refused', async page => {
    expect(await refusedParameters('logs', { page })).toEqual(['page'])
  })

  it('with a parameter that comes twice is refused', async () => {
    const agent = await createAgent(server)
    const answer = await server.http
      .get(`/v1/api/oauth/agent/activity/logs?agent_user_id=${agent.agentUserId}&success=true&success=false`)
      .set('Api-Key', agent.project.apiKey)
    expect(answer.status).toBe(400)
    expect(answer.body.errors[0].parameter).toBe('success')
  })
})
