import { managementOf, pointersOf } from '../support/management.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const TAKEN = { passId: 'SP-2030-TAKEN1' }

describe('passId', () => {
  it('refuses one that the project has already', async () => {
    const passes = managementOf(server, await server.createProject())
    await passes.create(TAKEN)
    const { body, status } = await passes.create(TAKEN)
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'pass_id_taken' })
    expect(pointersOf(body)).toEqual(['/sentinelPass/passId'])
    expect((await passes.list()).body.meta.total).toBe(1)
  })

  it('leaves no agent and no secret behind when it is refused', async () => {
    const project = await server.createProject()
    const passes = managementOf(server, project)
    await passes.create(TAKEN)
    await passes.create(TAKEN)
    const left = await server.deps.database.query<{ agents: number; secrets: number }>(
      `select (select count(*)::int from agents where project_id = $1) as agents,
         (select count(*)::int from pass_secrets s join passes p on p.id = s.pass_id
          where p.project_id = $1) as secrets`,
      [project.projectId],
    )
    expect(left).toEqual([{ agents: 1, secrets: 1 }])
  })

  it('lets another project have the same one', async () => {
    await server.createPass(await server.createProject(), TAKEN)
    const other = await server.createPass(await server.createProject(), TAKEN)
    expect(other.attributes.passId).toBe(TAKEN.passId)
  })

  it('refuses a change to one that another pass has, and changes nothing', async () => {
    const passes = managementOf(server, await server.createProject())
    await passes.create(TAKEN)
    const second = await passes.create({})
    const { body, status } = await passes.update(second.body.data.id, { ...TAKEN, description: 'changed' })
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'pass_id_taken' })
    const read = await passes.read(second.body.data.id)
    expect(read.body.data).toEqual(second.body.data)
  })

  it('lets a pass be sent its own', async () => {
    const passes = managementOf(server, await server.createProject())
    const { body } = await passes.create(TAKEN)
    const updated = await passes.update(body.data.id, TAKEN)
    expect(updated.status).toBe(200)
  })

  it('is free again when its pass is deleted', async () => {
    const passes = managementOf(server, await server.createProject())
    const { body } = await passes.create(TAKEN)
    await passes.delete(body.data.id)
    const again = await passes.create(TAKEN)
    expect(again.status).toBe(201)
  })

  it('is generated anew for each pass', async () => {
    const project = await server.createProject()
    const made = await Promise.all(Array.from({ length: 5 }, () => server.createPass(project)))
    expect(new Set(made.map(pass => pass.attributes.passId)).size).toBe(5)
  })
})
