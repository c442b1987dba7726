import { managementOf } from '../support/management.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

async function attributesOf(fields: Record<string, unknown>) {
  return (await server.createPass(await server.createProject(), fields)).attributes
}

describe('capabilities', () => {
  it.each([
    [[], ['API Access']],
    [['read:data'], ['API Access', 'Data Read']],
    [['write:data'], ['API Access', 'Data Write']],
    [
      ['read', 'write'],
      ['API Access', 'Data Read', 'Data Write'],
    ],
    [['admin:users'], ['API Access', 'Administration']],
    [['a2a'], ['API Access', 'Agent to Agent']],
    [['ready'], ['API Access']],
  ])('of the scopes %j are %j', async (scopes, capabilities) => {
    const attributes = await attributesOf({ scopes, permissions: [] })
    expect(attributes.capabilities).toEqual(capabilities)
  })

  it('follow from the permissions too', async () => {
    const attributes = await attributesOf({ scopes: [], permissions: ['admin'] })
    expect(attributes.capabilities).toEqual(['API Access', 'Administration'])
  })

  it('follow a change of the scopes', async () => {
    const project = await server.createProject()
    const { id } = await server.createPass(project, { scopes: ['read'], permissions: [] })
    const { body } = await managementOf(server, project).update(id, { scopes: ['write'] })
    expect(body.data.attributes.capabilities).toEqual(['API Access', 'Data Write'])
  })
})

describe('accessIndicator', () => {
  it.each([
    ['basic', 'standard'],
    ['standard', 'standard'],
    ['premium', 'elevated'],
    ['enterprise', 'elevated'],
  ])('shows %s as %s', async (accessLevel, accessIndicator) => {
    expect(await attributesOf({ accessLevel })).toMatchObject({ accessIndicator })
  })

  it.each(['standard', 'enterprise'])('is custom when the scopes of a %s pass differ', async accessLevel => {
    const attributes = await attributesOf({ accessLevel, permissions: 'read', scopes: ['read:data'] })
    expect(attributes.accessIndicator).toBe('custom')
  })

  it.each([
    ['fewer', 'read', 'read,write'],
    ['more', 'read,write', 'read'],
  ])('is custom when the scopes are %s than the permissions', async (_how, scopes, permissions) => {
    expect(await attributesOf({ scopes, permissions })).toMatchObject({ accessIndicator: 'custom' })
  })

  it('does not mind the order of the scopes', async () => {
    const attributes = await attributesOf({ permissions: 'read,write', scopes: ['write', 'read'] })
    expect(attributes.accessIndicator).toBe('standard')
  })
})

describe('scopeDescriptions', () => {
  it('derives the description of a scope that nobody described', async () => {
    const { scopeDescriptions } = await attributesOf({
      permissions: 'read:invoices',
      scopes: ['write:big_orders'],
    })
    expect(scopeDescriptions).toEqual({
      'read:invoices': 'Read Invoices',
      'write:big_orders': 'Write Big Orders',
    })
  })

  it('takes that of the configured list where there is one', async () => {
    const { scopeDescriptions } = await attributesOf({ permissions: 'read:data', scopes: ['passes:read'] })
    expect(scopeDescriptions).toEqual({
      'read:data': 'Read Data',
      'passes:read': "Read the project's Sentinel Passes",
    })
  })
})
