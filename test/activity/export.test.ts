import type { ActivityDraft } from '../../src/record/record-batch.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { commitDrafts, createAgent, draftOf, getActivity, insertRows, type TestAgent } from './support.ts'

const FORMATS = [
  ['json', 'application/json'],
  ['csv', 'text/csv'],
  ['jsonl', 'application/jsonl'],
] as const
const FORMULAS = [
  ...['=1+1', '+1', '-1', '@SUM(A1)', '=HYPERLINK("https://example.com","x")'],
  ...['\n=1+1', '\r=1', '\r\n=1', '\t=1', ' =1', '\u00A0=1', '\u200B=1', '\n \t@SUM(A1)', '\tx', '\nx'],
  ...['\uFF1D1', '\uFF0B1', '\uFF0D1', '\uFF20SUM(A1)'],
]

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

type Row = Record<string, unknown>

async function agentWith(drafts: readonly Partial<ActivityDraft>[]): Promise<TestAgent> {
  const agent = await createAgent(server)
  const start = Date.parse('2030-01-15T10:00:00.000Z')
  await commitDrafts(
    server,
    drafts.map((draft, index) => draftOf(agent, { startedAt: start + index * 1000, ...draft })),
  )
  return agent
}

async function exported(agent: TestAgent, query: Record<string, string | number | boolean> = {}) {
  const answer = await getActivity(server, agent, 'export', query).buffer(true)
  expect(answer.status).toBe(200)
  return answer
}

async function logged(
  agent: TestAgent,
  query: Record<string, string | number | boolean> = {},
): Promise<Row[]> {
  const { body } = await getActivity(server, agent, 'logs', { per_page: 100, ...query })
  return body.logs
}

/** The cells of a CSV text (RFC 4180). */
function parseCsv(text: string): string[][] {
  const rows: string[][] = []
  const row: string[] = []
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
    if (end === '\r\n') rows.push(row.splice(0))
  }
  expect(row).toEqual([])
  return rows
}

const csvCell = (value: unknown): string =>
  value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)

const MIXED = [
  { endpoint: '/a', activityType: 'token_generation', metadata: { scopes: ['read', 'write'], n: 1.5 } },
  { endpoint: '/b', success: false, statusCode: 500, errorMessage: 'it broke, "badly"\nand late' },
  { endpoint: '/ü/😀', clientIp: null, userAgent: null },
] as const satisfies readonly Partial<ActivityDraft>[]

describe('an export', () => {
  it('is JSON unless another format is asked for', async () => {
    const agent = await agentWith(MIXED)
    const answer = await exported(agent)
    expect(answer.type).toBe('application/json')
    expect(answer.body).toEqual(await logged(agent))
    expect(answer.body).toHaveLength(3)
  })

  it('as jsonl has the rows of the log, one a line', async () => {
    const agent = await agentWith(MIXED)
    const lines = (await exported(agent, { format: 'jsonl' })).text.split('\n')
    expect(lines.pop()).toBe('')
    expect(lines.map(line => JSON.parse(line))).toEqual(await logged(agent))
  })

  it('as csv has the rows of the log under the names of their members', async () => {
    const agent = await agentWith(MIXED)
    const rows = await logged(agent)
    const [head = [], ...cells] = parseCsv((await exported(agent, { format: 'csv' })).text)
    expect(head).toEqual(Object.keys(rows[0] ?? {}))
    expect(cells).toEqual(rows.map(row => head.map(name => csvCell(row[name]))))
  })

  it.each(FORMATS)('as %s is a file with its type and name', async (format, type) => {
    const agent = await agentWith(MIXED)
    const answer = await exported(agent, { format })
    expect(answer.type).toBe(type)
    expect(answer.headers['content-disposition']).toBe(
      `attachment; filename="sentinel-pass-activity-${agent.pass.attributes.passId}-20300115T102030Z.${format}"`,
    )
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  it.each([
    ['json', '[]\n'],
    ['jsonl', ''],
    [
      'csv',
      'id,agent_user_id,activity_type,endpoint,http_method,status_code,success,client_ip,user_agent,started_at,completed_at,duration_ms,error_message,metadata\r\n',
    ],
  ])('as %s of an agent that did nothing has no rows', async (format, text) => {
    expect((await exported(await createAgent(server), { format })).text).toBe(text)
  })

  it.each([
    [{ activity_type: 'token_generation' }, 1],
    [{ success: false }, 1],
    [{ endpoint: '/b' }, 1],
    [{ start_date: '2030-01-15T10:00:01Z' }, 2],
    [{ end_date: '2030-01-15T10:00:01Z' }, 1],
    [{ sort_order: 'asc' }, 3],
    [{ sort_by: 'status_code', sort_order: 'asc' }, 3],
    [{ sort_by: 'endpoint' }, 3],
  ])('with %j has what the log has', async (query, count) => {
    const agent = await agentWith(MIXED)
    const { body } = await exported(agent, query)
    expect(body).toHaveLength(count)
    expect(body).toEqual(await logged(agent, query))
  })

  it('has every row once where rows of one millisecond lie across its chunks', async () => {
    const agent = await createAgent(server)
    await insertRows(server, agent, 1500, '2030-01-14T00:00:00Z')
    await insertRows(server, agent, 1500, '2030-01-14T00:00:00Z')
    for (const query of [{}, { sort_order: 'asc' }, { sort_by: 'endpoint' }]) {
      const { body } = await exported(agent, query)
      expect(body).toHaveLength(3000)
      expect(new Set(body.map((row: Row) => row.id)).size).toBe(3000)
    }
    const times = (await exported(agent)).body.map((row: Row) => row.started_at)
    expect(times).toEqual([...times].sort().reverse())
  })
})

describe('a CSV', () => {
  it('ends each record with CRLF (RFC 4180)', async () => {
    const { text } = await exported(await agentWith(MIXED.slice(0, 1)), { format: 'csv' })
    expect(text.split('\r\n')).toHaveLength(3)
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
  })

  it('begins with a byte order mark where it is asked for', async () => {
    const agent = await agentWith(MIXED)
    const plain = await exported(agent, { format: 'csv' })
    expect((await exported(agent, { format: 'csv', bom: true })).text).toBe(`\uFEFF${plain.text}`)
    expect((await exported(agent, { format: 'csv', bom: false })).text).toBe(plain.text)
  })

  it.each(['json', 'jsonl'])('is alone in that: as %s it is refused', async format => {
    const { status, body } = await getActivity(server, await createAgent(server), 'export', {
      format,
      bom: true,
    })
    expect(status).toBe(400)
    expect(body.errors).toEqual([{ parameter: 'bom', detail: expect.any(String) }])
  })
})

describe('a CSV cell', () => {
  it.each(FORMULAS)('that starts like the formula %j is neutralized', async formula => {
    const agent = await agentWith([{ endpoint: formula, userAgent: formula, errorMessage: formula }])
    const [head = [], cells = []] = parseCsv((await exported(agent, { format: 'csv' })).text)
    for (const name of ['endpoint', 'user_agent', 'error_message'])
      expect(cells[head.indexOf(name)]).toBe(`'${formula}`)
    expect((await exported(agent)).body[0]).toMatchObject({ endpoint: formula, user_agent: formula })
  })

  it('is neutralized when the formula comes with a real call', async () => {
    const agent = await createAgent(server)
    const { clientId, clientSecret } = agent.pass.credentials
    await server.http
      .post('/v1/api/oauth/token')
      .set('User-Agent', '=cmd|calc')
      .type('form')
      .send({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret })
    const { text } = await exported(agent, { format: 'csv' })
    expect(text).toContain(",'=cmd|calc,")
    expect(text).not.toContain(',=cmd')
  })

  it('that is not a formula is left as it is', async () => {
    const agent = await agentWith([{ endpoint: '/a=b+c', userAgent: "it's - fine" }])
    const [head = [], cells = []] = parseCsv((await exported(agent, { format: 'csv' })).text)
    expect(cells[head.indexOf('endpoint')]).toBe('/a=b+c')
    expect(cells[head.indexOf('user_agent')]).toBe("it's - fine")
  })
})
