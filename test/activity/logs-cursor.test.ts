import { startServer, type TestServer } from '../support/server.ts'
import { commitDrafts, createAgent, draftOf, getActivity, insertRows, type TestAgent } from './support.ts'

const START = Date.parse('2030-01-15T10:00:00.000Z')

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

/** Commits rows of which each five start in the same millisecond. @returns their endpoints */
async function commitFives(agent: TestAgent, count: number, from: number): Promise<string[]> {
  const drafts = Array.from({ length: count }, (_, index) =>
    draftOf(agent, { endpoint: `/${from}/${index}`, startedAt: from + Math.floor(index / 5) * 1000 }),
  )
  await commitDrafts(server, drafts)
  return drafts.map(draft => draft.endpoint)
}

/** Follows `next_cursor` to its end; `between` runs after each page. */
async function walk(
  agent: TestAgent,
  query: Record<string, string | number>,
  between: (page: number) => Promise<unknown> = async () => {},
): Promise<string[]> {
  const seen: string[] = []
  let cursor: string | null = ''
  for (let page = 1; cursor !== null && page < 100; page += 1) {
    const { status, body } = await getActivity(server, agent, 'logs', {
      per_page: 10,
      ...query,
      ...(cursor ? { cursor } : {}),
    })
    expect(status).toBe(200)
    seen.push(...body.logs.map((row: { endpoint: string }) => row.endpoint))
    cursor = body.next_cursor
    await between(page)
  }
  return seen
}

describe('the cursor', () => {
  it('walks all rows, newest first, with no gap or repetition while new ones arrive', async () => {
    const agent = await createAgent(server)
    const rows = await commitFives(agent, 57, START)
    const seen = await walk(agent, {}, page => commitFives(agent, 7, START + page * 3_600_000))
    expect(seen).toEqual([...rows].reverse())
  })

  it('walks all rows, oldest first, and comes to those that arrived meanwhile', async () => {
    const agent = await createAgent(server)
    const rows = await commitFives(agent, 33, START)
    const seen = await walk(agent, { sort_order: 'asc' }, async page => {
      if (page <= 3) rows.push(...(await commitFives(agent, 7, START + page * 3_600_000)))
    })
    expect(seen).toEqual(rows)
  })

  it('keeps to the filters', async () => {
    const agent = await createAgent(server)
    const rows = await commitFives(agent, 40, START)
    await commitFives(agent, 40, START + 3_600_000)
    const seen = await walk(agent, { endpoint: `/${START}/` })
    expect(seen).toEqual([...rows].reverse())
  })

  it('is null on the last page, full or not', async () => {
    const agent = await createAgent(server)
    await commitFives(agent, 10, START)
    const full = await getActivity(server, agent, 'logs', { per_page: 10 })
    expect(full.body.logs).toHaveLength(10)
    expect(full.body.next_cursor).toBeNull()
    await commitFives(agent, 1, START + 3_600_000)
    const first = await getActivity(server, agent, 'logs', { per_page: 10 })
    expect(first.body.next_cursor).toEqual(expect.any(String))
  })

  it('is not offered for another order than by time', async () => {
    const agent = await createAgent(server)
    await commitFives(agent, 20, START)
    const { body } = await getActivity(server, agent, 'logs', { per_page: 10, sort_by: 'duration_ms' })
    expect(body).toMatchObject({ total: 20, next_cursor: null })
  })

  it.each([
    ['made up', { cursor: 'AAAA' }],
    ['with another sort_by', { cursor: 'AAAA', sort_by: 'endpoint' }],
    ['with a page', { cursor: 'AAAA', page: 2 }],
    ['not base64url', { cursor: '!' }],
    ['with an impossible date', { cursor: cursorOf('2030-13-45T00:00:00.000Z') }],
  ])('is refused when it is %s', async (_name, query) => {
    const { status, body } = await getActivity(server, await createAgent(server), 'logs', query)
    expect(status).toBe(400)
    expect(body.errors).toEqual([{ parameter: 'cursor', detail: expect.any(String) }])
  })
})

describe('the total', () => {
  it('is exact to 10,000 matches, and from then on 10,000 and capped', async () => {
    const agent = await createAgent(server)
    await insertRows(server, agent, 10_000)
    const exact = await getActivity(server, agent, 'logs', { per_page: 100 })
    expect(exact.body).toMatchObject({ total: 10_000, total_pages: 100 })
    expect(exact.body).not.toHaveProperty('total_capped')
    await insertRows(server, agent, 1, '2030-01-13T00:00:00.000Z')
    const capped = await getActivity(server, agent, 'logs', { per_page: 100 })
    expect(capped.body).toMatchObject({ total: 10_000, total_capped: true, total_pages: 100 })
    const narrowed = await getActivity(server, agent, 'logs', { start_date: '2030-01-14' })
    expect(narrowed.body.total).toBe(10_000)
    expect(narrowed.body).not.toHaveProperty('total_capped')
    const last = await getActivity(server, agent, 'logs', { per_page: 100, page: 100 })
    const { next_cursor: cursor } = last.body
    const beyond = await getActivity(server, agent, 'logs', { per_page: 100, cursor })
    expect(beyond.body).toMatchObject({
      logs: [{ started_at: '2030-01-13T00:00:01.000Z' }],
      next_cursor: null,
    })
  })
})

function cursorOf(instant: string): string {
  return Buffer.from(`${instant} 01a1fc44-90be-772c-9cc4-6c6b118b19ab`).toString('base64url')
}
