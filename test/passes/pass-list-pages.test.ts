import { managementOf, pointersOf } from '../support/management.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

async function titlesOf(project: TestProject, query: Record<string, unknown>): Promise<string[]> {
  const { body } = await managementOf(server, project).list(query)
  return body.data.map((one: { attributes: { title: string } }) => one.attributes.title)
}

/** A project with passes of these titles, each made a minute after the one before. */
async function projectWith(...titles: string[]) {
  const project = await server.createProject()
  for (const title of titles) {
    server.clock.advance({ minutes: 1 })
    await server.createPass(project, { title })
  }
  return project
}

describe('the pages of the list', () => {
  it('say which page of how many it is', async () => {
    const project = await projectWith('A', 'B', 'C', 'D', 'E')
    const { body } = await managementOf(server, project).list({ page: 2, per_page: 2 })
    expect(body.meta).toEqual({
      page: 2,
      per_page: 2,
      total: 5,
      total_pages: 3,
      next_cursor: expect.any(String),
    })
  })

  it('hold each pass once, newest first', async () => {
    const project = await projectWith('A', 'B', 'C', 'D', 'E')
    const pages = [1, 2, 3, 4].map(page => titlesOf(project, { page, per_page: 2 }))
    expect(await Promise.all(pages)).toEqual([['E', 'D'], ['C', 'B'], ['A'], []])
  })

  it('hold 25 when nothing is said, and up to 100', async () => {
    const project = await server.createProject()
    for (let made = 0; made < 26; made += 1) await server.createPass(project)
    const passes = managementOf(server, project)
    const first = await passes.list()
    expect(first.body.data).toHaveLength(25)
    expect(first.body.meta).toEqual({
      page: 1,
      per_page: 25,
      total: 26,
      total_pages: 2,
      next_cursor: expect.any(String),
    })
    const all = await passes.list({ per_page: 100 })
    expect(all.body.data).toHaveLength(26)
  })

  it('are none of an empty project', async () => {
    const { body } = await managementOf(server, await server.createProject()).list()
    expect(body).toEqual({
      data: [],
      meta: { page: 1, per_page: 25, total: 0, total_pages: 0, next_cursor: null },
    })
  })

  it('count what the filter lets through', async () => {
    const project = await projectWith('Red A', 'Red B', 'Blue')
    const { body } = await managementOf(server, project).list({ search: 'red', per_page: 1 })
    expect(body.meta).toEqual({
      page: 1,
      per_page: 1,
      total: 2,
      total_pages: 2,
      next_cursor: expect.any(String),
    })
  })

  it('hold each pass once, newest first, where the sorted values are equal', async () => {
    const project = await server.createProject()
    const made: string[] = []
    for (let count = 0; count < 6; count += 1) made.push((await server.createPass(project)).id)
    const passes = managementOf(server, project)
    const idsOf = async (query: Record<string, unknown>) =>
      (await passes.list(query)).body.data.map((one: { id: string }) => one.id)
    const whole = await idsOf({ sort_by: 'title' })
    const paged = [
      ...(await idsOf({ sort_by: 'title', per_page: 3, page: 1 })),
      ...(await idsOf({ sort_by: 'title', per_page: 3, page: 2 })),
    ]
    expect(whole).toEqual(made.reverse())
    expect(paged).toEqual(whole)
  })
})

describe('the order of the list', () => {
  it('by createdAt', async () => {
    const project = await projectWith('First', 'Second', 'Third')
    const ascending = await titlesOf(project, { sort_by: 'createdAt', sort_order: 'asc' })
    expect(ascending).toEqual(['First', 'Second', 'Third'])
    expect(await titlesOf(project, { sort_by: 'createdAt' })).toEqual(['Third', 'Second', 'First'])
  })

  it('by title, in any case', async () => {
    const project = await projectWith('beta', 'Alpha', 'Gamma', 'alpine')
    const ascending = await titlesOf(project, { sort_by: 'title', sort_order: 'asc' })
    expect(ascending).toEqual(['Alpha', 'alpine', 'beta', 'Gamma'])
    const descending = await titlesOf(project, { sort_by: 'title', sort_order: 'desc' })
    expect(descending).toEqual(['Gamma', 'beta', 'alpine', 'Alpha'])
  })

  it('by updatedAt', async () => {
    const project = await server.createProject()
    const first = await server.createPass(project, { title: 'First' })
    await server.createPass(project, { title: 'Second' })
    server.clock.advance({ minutes: 1 })
    await managementOf(server, project).update(first.id, { description: 'changed' })
    expect(await titlesOf(project, { sort_by: 'updatedAt' })).toEqual(['First', 'Second'])
    const ascending = await titlesOf(project, { sort_by: 'updatedAt', sort_order: 'asc' })
    expect(ascending).toEqual(['Second', 'First'])
  })

  it('by validUntil, those without an end last', async () => {
    const project = await server.createProject()
    await server.createPass(project, { title: 'Never', validUntil: null })
    await server.createPass(project, { title: 'Late', validUntil: '2090-01-01' })
    await server.createPass(project, { title: 'Soon', validUntil: '2080-01-01' })
    const ascending = await titlesOf(project, { sort_by: 'validUntil', sort_order: 'asc' })
    expect(ascending).toEqual(['Soon', 'Late', 'Never'])
    expect(await titlesOf(project, { sort_by: 'validUntil' })).toEqual(['Late', 'Soon', 'Never'])
  })

  it('by usageCount and by lastUsedAt', async () => {
    const project = await server.createProject()
    const often = await server.createPass(project, { title: 'Often' })
    const lately = await server.createPass(project, { title: 'Lately' })
    await server.createPass(project, { title: 'Never' })
    await server.fetchToken(often.credentials)
    await server.fetchToken(often.credentials)
    server.clock.advance({ minutes: 1 })
    await server.fetchToken(lately.credentials)
    expect(await titlesOf(project, { sort_by: 'usageCount' })).toEqual(['Often', 'Lately', 'Never'])
    expect(await titlesOf(project, { sort_by: 'lastUsedAt' })).toEqual(['Lately', 'Often', 'Never'])
    const ascending = await titlesOf(project, { sort_by: 'lastUsedAt', sort_order: 'asc' })
    expect(ascending).toEqual(['Often', 'Lately', 'Never'])
  })
})

describe('bad pages and orders', () => {
  it.each([
    ['page', '0'],
    ['page', '-1'],
    ['page', '1.5'],
    ['page', 'two'],
    ['page', ''],
    ['page', '999999999'],
    ['page', '99999999999999999999'],
    ['per_page', '0'],
    ['per_page', '101'],
    ['per_page', '1e1'],
    ['sort_by', 'secret'],
    ['sort_by', 'title;drop table passes'],
    ['sort_by', 'constructor'],
    ['sort_order', 'down'],
  ])('are refused by name: %s=%s', async (parameter, value) => {
    const passes = managementOf(server, await server.createProject())
    const { body, status } = await passes.list({ [parameter]: value })
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'validation_failed' })
    expect(pointersOf(body)).toEqual([parameter])
  })
})
