import { randomUUID } from 'node:crypto'
import { managementOf } from '../support/management.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

describe('the address of a pass', () => {
  it('is its UUID, in any case, or its passId', async () => {
    const project = await server.createProject()
    const { id, attributes } = await server.createPass(project)
    const passes = managementOf(server, project)
    for (const name of [id, id.toUpperCase(), String(attributes.passId)]) {
      const { body, status } = await passes.read(name)
      expect(status).toBe(200)
      expect(body.data.id).toBe(id)
    }
  })

  it('is what Location names', async () => {
    const project = await server.createProject()
    const created = await managementOf(server, project).create({})
    const location = created.get('Location') ?? ''
    expect(location).toBe(`${project.path}/sentinel_passes/${created.body.data.id}`)
    const read = await server.http.get(location).set('Api-Key', project.apiKey)
    expect(read.body.data.id).toBe(created.body.data.id)
  })

  it('works by passId for every act', async () => {
    const passes = managementOf(server, await server.createProject())
    const { body } = await passes.create({})
    const { passId } = body.data.attributes
    const answers = [
      await passes.update(passId, { description: 'x' }),
      await passes.act(passId, 'rotate_key'),
      await passes.act(passId, 'revoke'),
      await passes.act(passId, 'activate'),
    ]
    expect(answers.map(answer => [answer.status, answer.body.data?.id])).toEqual(
      answers.map(() => [200, body.data.id]),
    )
    expect((await passes.delete(passId)).status).toBe(204)
    expect((await passes.read(body.data.id)).status).toBe(404)
  })
})

describe('what is not there', () => {
  const NOWHERE = [randomUUID(), 'SP-2030-ZZZZZZ', 'sp-2030-zzzzzz', 'nonsense', '1', "'", '%00']

  it.each(NOWHERE)('answers 404 to every act: %s', async id => {
    const passes = managementOf(server, await server.createProject())
    const answers = [
      await passes.read(id),
      await passes.update(id, { description: 'x' }),
      await passes.delete(id),
      await passes.act(id, 'rotate_key'),
      await passes.act(id, 'revoke'),
      await passes.act(id, 'activate'),
    ]
    expect(answers.map(answer => [answer.status, answer.body.code])).toEqual(
      answers.map(() => [404, 'not_found']),
    )
  })

  it('is told apart in nothing from what is another project’s', async () => {
    const theirs = await server.createPass(await server.createProject())
    const passes = managementOf(server, await server.createProject())
    const withoutInstance = ({ body }: { body: { instance: string } }) => ({ ...body, instance: '' })
    for (const id of [theirs.id, String(theirs.attributes.passId)]) {
      const real = await passes.read(id)
      const invented = await passes.read(randomUUID())
      expect(real.status).toBe(404)
      expect(withoutInstance(real)).toEqual(withoutInstance(invented))
      expect((await passes.update(id, { title: ';' })).status).toBe(404)
      expect((await passes.delete(id)).status).toBe(404)
      expect((await passes.act(id, 'rotate_key')).status).toBe(404)
      expect((await passes.act(id, 'revoke')).status).toBe(404)
    }
  })

  it('is the pass of another project under its own path', async () => {
    const theirProject = await server.createProject()
    const theirs = await server.createPass(theirProject)
    const mine = await server.createProject()
    const passes = managementOf(server, theirProject, { 'Api-Key': mine.apiKey })
    expect((await passes.read(theirs.id)).status).toBe(404)
    expect((await passes.list()).status).toBe(404)
    expect((await passes.create({})).status).toBe(404)
  })

  it('is a project under another organization', async () => {
    const mine = await server.createProject()
    const other = await server.createProject()
    const path = `/v1/api/organizations/${other.organizationId}/projects/${mine.projectId}`
    expect((await managementOf(server, { ...mine, path }).list()).status).toBe(404)
  })
})
