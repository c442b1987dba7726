import { managementOf } from '../support/management.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

describe('a pass of which only the title is given', () => {
  it('gets the default of every field', async () => {
    const project = await server.createProject('Harbour')
    server.clock.set('2030-01-15T10:20:30.000Z')
    const { body, status } = await managementOf(server, project).create({ title: 'Sourcing Agent' })
    expect(status).toBe(201)
    expect(body.data.type).toBe('studio_tool')
    expect(body.data.attributes).toMatchObject({
      title: 'Sourcing Agent',
      agentType: 'sourcing_agent',
      description: '',
      integrationNotes: '',
      accessLevel: 'standard',
      organization: 'Harbour organization',
      usageType: 'automation_tool',
      validFrom: '2030-01-15T10:20:30.000Z',
      validUntil: '2031-01-15T10:20:30.000Z',
      expiresAt: '2031-01-15T10:20:30.000Z',
      permissions: ['read', 'write'],
      scopes: ['read', 'write'],
      allowedReferers: [],
      credentialType: 'api_key',
      entityType: 'project',
      entityId: project.projectId,
      tags: [],
      tokenFormat: 'opaque',
      tokenTtl: 900,
      resources: [],
      allowedIps: [],
      jwks: null,
      visibility: 'privately_visible',
      active: true,
      assetType: 'security',
      status: 'active',
      lastRotatedAt: null,
      lastUsedAt: null,
      usageCount: 0,
      createdAt: '2030-01-15T10:20:30.000Z',
      updatedAt: '2030-01-15T10:20:30.000Z',
    })
    expect(body.data.attributes.passId).toMatch(/^SP-2030-[A-Z0-9]{6}$/)
    expect(body.data.attributes.clientId).toMatch(/^sp_[0-9A-Za-z]{22}$/)
  })

  it('is read back as it was answered', async () => {
    const project = await server.createProject()
    const passes = managementOf(server, project)
    const created = await passes.create({})
    const read = await passes.read(created.body.data.id)
    expect(read.body).toEqual({ data: created.body.data })
  })
})

describe('defaults that follow from another field', () => {
  it.each([
    ['basic', 300],
    ['standard', 900],
    ['premium', 3600],
    ['enterprise', 3600],
  ])('gives a %s pass tokens of %i seconds', async (accessLevel, tokenTtl) => {
    const pass = await server.createPass(await server.createProject(), { accessLevel })
    expect(pass.attributes.tokenTtl).toBe(tokenTtl)
  })

  it('takes the permissions for the scopes', async () => {
    const pass = await server.createPass(await server.createProject(), { permissions: ['read:data', 'a'] })
    expect(pass.attributes.scopes).toEqual(['read:data', 'a'])
  })

  it('does not take the scopes for the permissions', async () => {
    const pass = await server.createPass(await server.createProject(), { scopes: ['read:data'] })
    expect(pass.attributes).toMatchObject({ scopes: ['read:data'], permissions: ['read', 'write'] })
  })

  it('lets a pass last a year from the start that is given', async () => {
    const pass = await server.createPass(await server.createProject(), { validFrom: '2031-03-01T00:00:00Z' })
    expect(pass.attributes.validUntil).toBe('2032-03-01T00:00:00.000Z')
  })

  it('lets a pass that began in the past last a year from now', async () => {
    const yearAhead = server.clock.date()
    yearAhead.setUTCFullYear(yearAhead.getUTCFullYear() + 1)
    const pass = await server.createPass(await server.createProject(), { validFrom: '2020-03-01T00:00:00Z' })
    expect(pass.attributes).toMatchObject({
      validFrom: '2020-03-01T00:00:00.000Z',
      validUntil: yearAhead.toISOString(),
      status: 'active',
    })
  })

  it.each(['validUntil', 'expiresAt'])('lets a pass with %s null last for ever', async name => {
    const pass = await server.createPass(await server.createProject(), { [name]: null })
    expect(pass.attributes).toMatchObject({ validUntil: null, expiresAt: null })
  })

  it('numbers a generated passId by the year of the clock', async () => {
    const project = await server.createProject()
    server.clock.set('2041-12-31T23:59:59.999Z')
    const pass = await server.createPass(project)
    expect(pass.attributes.passId).toMatch(/^SP-2041-[A-Z0-9]{6}$/)
  })
})
