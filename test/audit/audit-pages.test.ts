import { pointersOf } from '../support/management.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

function eventsOf(project: TestProject, query: Record<string, unknown> = {}) {
  return server.http.get(`${project.path}/audit_events`).set('Api-Key', project.apiKey).query(query)
}

/** A project of seven events: its own, its key's and five passes', a minute apart. */
async function projectWithEvents() {
  const project = await server.createProject()
  for (const title of ['A', 'B', 'C', 'D', 'E']) {
    server.clock.advance({ minutes: 1 })
    await server.createPass(project, { title })
  }
  return project
}

const namesOf = (body: { data: { attributes: { target: { name: string } } }[] }) =>
  body.data.map(event => event.attributes.target.name)

describe('the pages of the audit trail', () => {
  it('hold each event once, newest first', async () => {
    const project = await projectWithEvents()
    const whole = await eventsOf(project)
    expect(namesOf(whole.body).slice(0, 5)).toEqual(['E', 'D', 'C', 'B', 'A'])
    const paged: string[] = []
    for (const page of [1, 2, 3]) {
      const { body } = await eventsOf(project, { page, per_page: 3 })
      expect(body.meta).toEqual({
        page,
        per_page: 3,
        total: 7,
        total_pages: 3,
        next_cursor: page < 3 ? expect.any(String) : null,
      })
      paged.push(...namesOf(body))
    }
    expect(paged).toEqual(namesOf(whole.body))
  })

  it('hold 25 when nothing is said', async () => {
    const { body } = await eventsOf(await projectWithEvents())
    expect(body.meta).toEqual({ page: 1, per_page: 25, total: 7, total_pages: 1, next_cursor: null })
  })

  it('are empty past the end', async () => {
    const { body, status } = await eventsOf(await projectWithEvents(), { page: 9 })
    expect({ status, data: body.data }).toEqual({ status: 200, data: [] })
  })

  it('show nothing of another project', async () => {
    await projectWithEvents()
    const { body } = await eventsOf(await server.createProject('Mine'))
    expect(namesOf(body).sort()).toEqual(['Mine', 'Mine key'])
  })

  it.each([
    ['page', '0'],
    ['page', 'two'],
    ['per_page', '0'],
    ['per_page', '101'],
    ['unheard_of', '1'],
  ])('are refused where the query is bad: %s=%s', async (name, value) => {
    const { body, status } = await eventsOf(await server.createProject(), { [name]: value })
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'validation_failed' })
    expect(pointersOf(body)).toEqual([name])
  })
})
