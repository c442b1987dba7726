import { managementOf } from '../support/management.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

describe('agentType', () => {
  it.each([
    ['Sourcing Agent', 'sourcing_agent'],
    ['  Data--Sync / v2 ', 'data_sync_v2'],
    ['ÄRZTE Bot', 'ärzte_bot'],
    ['already_fine', 'already_fine'],
  ])('normalizes %j to %j on create', async (given, stored) => {
    const pass = await server.createPass(await server.createProject(), { agentType: given })
    expect(pass.attributes.agentType).toBe(stored)
  })

  it('is normalized on update', async () => {
    const passes = managementOf(server, await server.createProject())
    const { body } = await passes.create({})
    const updated = await passes.update(body.data.id, { agentType: 'Night Watch' })
    expect(updated.body.data.attributes.agentType).toBe('night_watch')
  })

  it('stays when the title changes', async () => {
    const passes = managementOf(server, await server.createProject())
    const { body } = await passes.create({ title: 'First Name' })
    const updated = await passes.update(body.data.id, { title: 'Second Name' })
    expect(updated.body.data.attributes).toMatchObject({ title: 'Second Name', agentType: 'first_name' })
  })
})

describe('permissions and scopes', () => {
  it.each(['permissions', 'scopes'])('takes %s as a comma-separated string', async name => {
    const pass = await server.createPass(await server.createProject(), { [name]: 'read, write ,read:data' })
    expect(pass.attributes[name]).toEqual(['read', 'write', 'read:data'])
  })

  it.each(['permissions', 'scopes'])('takes %s as an array', async name => {
    const pass = await server.createPass(await server.createProject(), { [name]: ['read', 'read:data'] })
    expect(pass.attributes[name]).toEqual(['read', 'read:data'])
  })

  it.each(['permissions', 'scopes'])('takes %s as a string on update', async name => {
    const passes = managementOf(server, await server.createProject())
    const { body } = await passes.create({})
    const updated = await passes.update(body.data.id, { [name]: 'a,b' })
    expect(updated.body.data.attributes[name]).toEqual(['a', 'b'])
  })

  it.each(['permissions', 'scopes', 'tags'])('keeps one of each in %s', async name => {
    const pass = await server.createPass(await server.createProject(), { [name]: ['a', 'b', 'a'] })
    expect(pass.attributes[name]).toEqual(['a', 'b'])
  })

  it('lets a pass have no scope at all', async () => {
    const pass = await server.createPass(await server.createProject(), { scopes: [], permissions: '' })
    expect(pass.attributes).toMatchObject({ scopes: [], permissions: [] })
  })
})

describe('times', () => {
  it.each([
    ['2031-05-06T07:08:09+02:00', '2031-05-06T05:08:09.000Z'],
    ['2031-05-06', '2031-05-07T00:00:00.000Z'],
    ['2031-05-06T07:08:09.123Z', '2031-05-06T07:08:09.123Z'],
  ])('answers %s in UTC with milliseconds', async (given, answered) => {
    const pass = await server.createPass(await server.createProject(), { expiresAt: given })
    expect(pass.attributes).toMatchObject({ validUntil: answered, expiresAt: answered })
  })
})
