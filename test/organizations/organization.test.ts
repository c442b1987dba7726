import { randomUUID } from 'node:crypto'
import { managementOf, pointersOf } from '../support/management.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const ORGANIZATIONS = '/v1/api/organizations'

const get = (project: TestProject, path: string) => server.http.get(path).set('Api-Key', project.apiKey)

const rename = (project: TestProject, name: unknown, path = project.path) =>
  server.http
    .put(path)
    .set('Api-Key', project.apiKey)
    .send({ data: { attributes: { name } } })

describe('organizations', () => {
  it('lists and reads the one of the credential', async () => {
    await server.createProject('Theirs')
    const mine = await server.createProject('Harbour')
    const createdAt = server.clock.date().toISOString()
    const organization = {
      id: mine.organizationId,
      type: 'organization',
      attributes: { name: 'Harbour organization', requiresTotp: false, createdAt, updatedAt: createdAt },
    }
    const listed = await get(mine, ORGANIZATIONS)
    expect({ status: listed.status, body: listed.body }).toEqual({
      status: 200,
      body: {
        data: [organization],
        meta: { page: 1, per_page: 25, total: 1, total_pages: 1, next_cursor: null },
      },
    })
    const read = await get(mine, `${ORGANIZATIONS}/${mine.organizationId}`)
    expect({ status: read.status, body: read.body }).toEqual({ status: 200, body: { data: organization } })
  })

  it.each(['another’s', randomUUID(), 'nonsense'])('answers 404 to %s', async which => {
    const [mine, theirs] = [await server.createProject(), await server.createProject()]
    const id = which === 'another’s' ? theirs.organizationId : which
    for (const path of [`${ORGANIZATIONS}/${id}`, `${ORGANIZATIONS}/${id}/projects`]) {
      const { status, body } = await get(mine, path)
      expect([status, body.code]).toEqual([404, 'not_found'])
    }
  })
})

describe('projects', () => {
  it('lists and reads the one of the credential', async () => {
    const mine = await server.createProject('Harbour')
    const createdAt = server.clock.date().toISOString()
    const project = {
      id: mine.projectId,
      type: 'project',
      attributes: {
        name: 'Harbour',
        organizationId: mine.organizationId,
        createdAt,
        updatedAt: createdAt,
        deletedAt: null,
      },
    }
    const listed = await get(mine, `${ORGANIZATIONS}/${mine.organizationId}/projects`)
    expect(listed.body).toMatchObject({ data: [project], meta: { total: 1 } })
    expect((await get(mine, mine.path)).body).toEqual({ data: project })
  })

  it.each(['another’s', randomUUID(), 'nonsense'])('answers 404 to %s', async which => {
    const [mine, theirs] = [await server.createProject(), await server.createProject()]
    const id = which === 'another’s' ? theirs.projectId : which
    const path = `${ORGANIZATIONS}/${mine.organizationId}/projects/${id}`
    const { status, body } = await get(mine, path)
    expect([status, body.code]).toEqual([404, 'not_found'])
    expect((await rename(mine, 'Taken', path)).status).toBe(404)
    expect((await get(theirs, theirs.path)).body.data.attributes.name).toBe('Project')
  })

  it('answers 401 without a credential', async () => {
    const mine = await server.createProject()
    for (const path of [ORGANIZATIONS, `${ORGANIZATIONS}/${mine.organizationId}`, mine.path])
      expect((await server.http.get(path)).status).toBe(401)
  })

  it('are readable by a pass that may read passes, and by no other', async () => {
    const mine = await server.createProject()
    const statusFor = async (scopes: string[]) => {
      const { credentials } = await server.createPass(mine, { scopes })
      const token = await server.fetchToken(credentials)
      return (await server.http.get(mine.path).auth(token, { type: 'bearer' })).status
    }
    expect(await statusFor(['passes:read'])).toBe(200)
    expect(await statusFor(['read'])).toBe(403)
  })
})

describe('renaming a project', () => {
  it('changes its name and nothing else', async () => {
    const mine = await server.createProject('Harbour')
    const before = (await get(mine, mine.path)).body.data
    server.clock.advance({ hours: 1 })
    const { status, body } = await rename(mine, '  Käse & Co <1>  ')
    expect(status).toBe(200)
    expect(body.data).toEqual({
      ...before,
      attributes: {
        ...before.attributes,
        name: 'Käse & Co <1>',
        updatedAt: server.clock.date().toISOString(),
      },
    })
    expect((await get(mine, mine.path)).body).toEqual(body)
  })

  it.each(['', '  ', 'x'.repeat(101), 7, null, undefined, 'null\0byte'])(
    'refuses the name %j',
    async name => {
      const mine = await server.createProject()
      const { status, body } = await rename(mine, name)
      expect([status, body.code]).toEqual([400, 'validation_failed'])
      expect(pointersOf(body)).toEqual(['/data/attributes/name'])
      expect((await get(mine, mine.path)).body.data.attributes.name).toBe('Project')
    },
  )

  it('refuses what is not to be changed', async () => {
    const mine = await server.createProject()
    const { status, body } = await server.http
      .put(mine.path)
      .set('Api-Key', mine.apiKey)
      .send({ data: { attributes: { name: 'New', organizationId: randomUUID() } } })
    expect(status).toBe(400)
    expect(pointersOf(body)).toEqual(['/data/attributes/organizationId'])
    expect((await get(mine, mine.path)).body.data.attributes.name).toBe('Project')
  })

  it('needs an API key', async () => {
    const mine = await server.createProject()
    const { credentials } = await server.createPass(mine, { scopes: ['passes:write', 'passes:read'] })
    const token = await server.fetchToken(credentials)
    const { status } = await server.http
      .put(mine.path)
      .auth(token, { type: 'bearer' })
      .send({ data: { attributes: { name: 'Taken' } } })
    expect(status).toBe(403)
    expect((await managementOf(server, mine).list()).status).toBe(200)
    expect((await get(mine, mine.path)).body.data.attributes.name).toBe('Project')
  })
})
